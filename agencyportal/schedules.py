"""The timetable: every job that runs by the clock, in one literal."""

from __future__ import annotations

from django.utils import timezone
from django_q.models import Schedule

TIMETABLE = {
    "grants": {"func": "accounts.tasks.sweep_grants", "cron": "* * * * *"},
    "keys": {"func": "accounts.tasks.drop_keys", "cron": "* * * * *"},
    "key notices": {"func": "accounts.tasks.notify_of_keys", "cron": "* * * * *"},
    "renewals": {"func": "accounts.tasks.refresh_due", "cron": "* * * * *"},
    "spark": {"func": "accounts.tasks.sweep_spark", "cron": "* * * * *"},
    "visits": {"func": "onboarding.tasks.sweep", "cron": "* * * * *"},
    "secrets": {"func": "accounts.tasks.carry_secrets", "cron": "* * * * *"},
    "sync": {"func": "accounts.tasks.sync_due", "cron": "* * * * *"},
    "posts": {"func": "accounts.tasks.sweep_posts", "cron": "* * * * *"},
    "codes end": {"func": "accounts.tasks.remind_of_codes", "cron": "0 7 * * *"},
    "digest": {"func": "agencyportal.tasks.send_digests", "cron": "*/15 * * * *"},
    "old reads": {"func": "accounts.tasks.forget_old_reads", "cron": "50 3 * * *"},
    "merged": {"func": "accounts.tasks.gather_merged", "cron": "*/5 * * * *"},
    "old jobs": {"func": "agencyportal.tasks.prune_jobs", "cron": "30 3 * * *"},
    "statistics": {
        "func": "agencyportal.tasks.gather_statistics",
        "cron": "40 3 * * *",
    },
}
PREFIX = "code:"


def sync() -> None:
    """Make the database's schedules equal the timetable; safe to repeat.

    django-q2 computes the next run only for a new row, so a changed cron must have
    it computed here.
    """
    for name, job in TIMETABLE.items():
        schedule = Schedule.objects.filter(name=PREFIX + name).first() or Schedule(
            name=PREFIX + name
        )
        is_moved = schedule.pk is None or schedule.cron != job["cron"]
        schedule.func = job["func"]
        schedule.cron = job["cron"]
        schedule.schedule_type = Schedule.CRON
        if is_moved:
            schedule.next_run = timezone.now()
            schedule.next_run = schedule.calculate_next_run(timezone.now())
        schedule.save()
    Schedule.objects.filter(name__startswith=PREFIX).exclude(
        name__in=[PREFIX + name for name in TIMETABLE]
    ).delete()
