from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_lists_stay_fast"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="platformread",
            index=models.Index(fields=["read_at"], name="read_old"),
        ),
    ]
