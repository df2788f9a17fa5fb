"""Which Business Center the client says it invites us from."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("onboarding", "0003_advice_applied"),)

    operations = (
        migrations.AddField(
            model_name="requestitem",
            name="giver_id",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The client's Business Center, as the client named it: to"
                " look for what it shares. It proves nothing.",
                max_length=64,
            ),
            preserve_default=False,
        ),
    )
