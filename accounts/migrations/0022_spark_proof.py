from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_where_secrets_rest"),
    ]

    operations = [
        migrations.AddField(
            model_name="sparkauthorization",
            name="shown",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="sparkauthorization",
            name="waits_on",
            field=models.CharField(
                blank=True,
                choices=[
                    ("creator", "The creator"),
                    ("us", "Us"),
                    ("portal", "The portal"),
                ],
                default="creator",
                max_length=8,
                verbose_name="who acts next",
            ),
        ),
    ]
