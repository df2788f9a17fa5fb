"""Indexes for the trail's desk and the jobs' desk.

The queue's own table has none by time: without these two, the jobs' desk would read
all that ran this week to show the newest of each kind.
"""

from django.db import migrations, models

INDEXES = {
    "jobs_ended": "ON django_q_task (stopped)",
    "jobs_failed": "ON django_q_task (stopped) WHERE NOT success",
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_ending_a_partnership"),
        (
            "django_q",
            "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more",
        ),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["request_id"], name="event_request"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["occurred_at", "id"], name="event_time"),
        ),
        *(
            migrations.RunSQL(f"CREATE INDEX {name} {on}", f"DROP INDEX {name}")
            for name, on in INDEXES.items()
        ),
    ]
