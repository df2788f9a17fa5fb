"""What the job queue's tables say, in words: names, never arguments or tracebacks."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Failure, OrmQ, Schedule, Success, Task

from accounts.outbound.redact import redact
from agencyportal.schedules import PREFIX

MOST_ROWS = 50
# Beyond this nobody counts.
MOST_COUNTED = 1_000
# A worker that has not begun what was due this long ago does not run.
STILL = dt.timedelta(minutes=5)

OURS = ("accounts.", "onboarding.", "audit.", "agencyportal.")
# The line of a traceback that names the error; a message may have lines of its own.
RAISED = re.compile(r"^((?:\w+\.)+\w+|\w+(?:Error|Exception))(?:: (.*))?$")
OFTEN = re.compile(r"^\*/(\d+) \* \* \* \*$")
DAILY = re.compile(r"^(\d+) (\d+) \* \* \*$")

Row = dict[str, Any]


def waiting() -> list[Row]:
    """Return what is queued, the longest first: waits, runs, or will be tried again."""
    queued = list(OrmQ.objects.order_by("pk")[:MOST_ROWS])
    tried = _tasks([entry.task_id() for entry in queued])
    return [_queued(entry, tried.get(entry.task_id())) for entry in queued]


def _queued(entry: OrmQ, tried: Task | None) -> Row:
    """A lock ahead of us is a worker's; after a failure it is the next try's time."""
    is_taken = entry.lock is not None and entry.lock > timezone.now()
    if not is_taken:
        pill = _pill("off", "draft", "Waits")
    elif tried is None:
        pill = _pill("work", "job", "Runs")
    else:
        pill = _pill("wait", "stale", "Tries again")
    return {
        **named(str(entry.task.get("func", ""))),
        "pill": pill,
        "attempts": tried.attempt_count if tried else 0,
        "at": entry.lock if tried and is_taken else None,
        "sentence": sentence_of(tried.result) if tried else "",
    }


def failed(*, may_run: bool) -> list[Row]:
    """Return failures, the newest first; those given up may be run again."""
    tasks = Failure.objects.order_by("-stopped")[:MOST_ROWS]
    return [_failed(task, may_run) for task in tasks.defer("args", "kwargs")]


def _failed(task: Task, may_run: bool) -> Row:
    is_over = is_given_up(task)
    return {
        **named(task.func),
        **_times(task),
        "pill": _pill("bad", "failed", "Failed")
        if is_over
        else _pill("wait", "stale", "Tries again"),
        "sentence": sentence_of(task.result),
        "again_url": reverse("admin:jobs_again", args=[task.pk])
        if is_over and may_run
        else "",
    }


def is_given_up(task: Task) -> bool:
    return bool(task.attempt_count >= settings.Q_CLUSTER["max_attempts"])


def done() -> list[Row]:
    tasks = Success.objects.order_by("-stopped")[:MOST_ROWS]
    pill = _pill("off", "check", "Done")
    bare = tasks.defer("args", "kwargs", "result")
    return [{**named(task.func), **_times(task), "pill": pill} for task in bare]


def counts() -> dict[str, int]:
    """Return how many there are of each, counted no further than anybody cares."""
    return {
        name: rows.order_by()[:MOST_COUNTED].count()
        for name, rows in (("waiting", OrmQ.objects), ("failed", Failure.objects))
    }


def timetable() -> list[Row]:
    """Return what runs by the clock, the next first, and how it went last."""
    schedules = list(Schedule.objects.filter(name__startswith=PREFIX))
    ran = _tasks([schedule.task for schedule in schedules])
    return [_scheduled(schedule, ran.get(schedule.task)) for schedule in schedules]


def _scheduled(schedule: Schedule, last: Task | None) -> Row:
    if last is None:
        word = "Not finished yet" if schedule.task else "Not run yet"
        pill = _pill("off", "draft", word)
    elif last.success:
        pill = _pill("off", "check", "Done")
    else:
        pill = _pill("bad", "failed", "Failed")
    return {
        **named(schedule.func),
        "rhythm": rhythm(schedule.cron),
        "next": schedule.next_run,
        "ended": last.stopped if last else None,
        "pill": pill,
    }


def standing_since(rows: list[Row]) -> dt.datetime | None:
    """Return since when the worker has begun nothing that was due; None if it runs."""
    due = min((row["next"] for row in rows if row["next"]), default=None)
    return due if due and due < timezone.now() - STILL else None


def named(func: str) -> Row:
    """Return the job as its docstring has it; its dotted name where it has none."""
    told = ""
    if func.startswith(OURS):
        try:
            told = (import_string(func).__doc__ or "").strip().partition("\n")[0]
        except ImportError:  # of an earlier version
            told = ""
    return {"name": told.rstrip(".") or func, "func": func}


def rhythm(cron: str) -> str:
    if cron == "* * * * *":
        return "Every minute"
    if often := OFTEN.match(cron):
        return f"Every {often[1]} minutes"
    if daily := DAILY.match(cron):
        minute, hour = map(int, daily.groups())
        return f"Daily at {hour:02}:{minute:02}"
    return cron


def sentence_of(result: object) -> str:
    """Return in one sentence why a job failed.

    What our own errors say was written to be read. Others may hold anything, a row of
    the database for one, so they are only called by name.
    """
    for line in reversed(str(result or "").splitlines()):
        raised = RAISED.match(line)
        if raised is None:
            continue
        error, said = raised[1], raised[2]
        if said and error.startswith(OURS):
            return redact(said)
        name = error.rpartition(".")[2]
        return f"It stopped with {name}. The worker's log says where."
    return "It ended without a word. The worker's log may say why."


def _tasks(ids: list[str | None]) -> dict[str, Task]:
    tasks = Task.objects.filter(pk__in=[pk for pk in ids if pk])
    return {task.pk: task for task in tasks.defer("args", "kwargs")}


def _times(task: Task) -> Row:
    return {
        "attempts": task.attempt_count,
        "started": task.started,
        "ended": task.stopped,
    }


def _pill(tone: str, icon: str, word: str) -> dict[str, str]:
    return {"tone": tone, "icon": icon, "word": word}
