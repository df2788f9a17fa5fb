"""The day a client says our attribution advice was set."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("onboarding", "0002_methods_and_reminders"),)

    operations = (
        migrations.AddField(
            model_name="attributionadvice",
            name="applied_on",
            field=models.DateField(
                blank=True,
                help_text="The day the client says it was set. No list tells us.",
                null=True,
                verbose_name="set on",
            ),
        ),
    )
