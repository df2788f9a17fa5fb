from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_constraints_say_it"),
    ]

    operations = [
        migrations.AddField(
            model_name="rolegrant",
            name="ends_partner",
            field=models.BooleanField(
                default=False,
                help_text="Whoever takes it back chose to end the partnership with it.",
            ),
        ),
    ]
