"""The timetable in code becomes the one in the database."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Schedule

from agencyportal import schedules
from agencyportal.schedules import PREFIX, TIMETABLE, sync

pytestmark = pytest.mark.django_db


def row(name: str) -> Schedule:
    return Schedule.objects.get(name=PREFIX + name)


@pytest.mark.parametrize("name", TIMETABLE)
def test_every_job_can_be_imported_and_called_bare(name: str) -> None:
    job = import_string(TIMETABLE[name]["func"])
    assert not job.__code__.co_argcount


def test_it_makes_a_row_a_job() -> None:
    sync()
    assert {one.name for one in Schedule.objects.all()} == {
        PREFIX + name for name in TIMETABLE
    }
    assert all(one.next_run > timezone.now() for one in Schedule.objects.all())


def test_it_may_run_again_and_again() -> None:
    sync()
    before = list(Schedule.objects.order_by("pk").values())
    sync()
    assert list(Schedule.objects.order_by("pk").values()) == before


def test_a_run_that_is_due_stays_due() -> None:
    """Or a restart every hour would put a nightly job off for ever."""
    sync()
    due = timezone.now() - dt.timedelta(minutes=1)
    Schedule.objects.filter(pk=row("old jobs").pk).update(next_run=due)
    sync()
    assert row("old jobs").next_run == due


def test_a_changed_time_is_computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    sync()
    func = TIMETABLE["old jobs"]["func"]
    changed = {**TIMETABLE, "old jobs": {"func": func, "cron": "45 4 * * *"}}
    monkeypatch.setattr(schedules, "TIMETABLE", changed)
    sync()
    job = row("old jobs")
    assert job.cron == "45 4 * * *"
    assert (job.next_run.hour, job.next_run.minute) == (4, 45)


def test_a_name_that_left_the_timetable_is_deleted() -> None:
    Schedule.objects.create(name=PREFIX + "gone", func="nowhere.at_all")
    sync()
    assert not Schedule.objects.filter(name=PREFIX + "gone").exists()


def test_it_leaves_alone_what_is_not_its_own() -> None:
    Schedule.objects.create(name="by hand", func="nowhere.at_all")
    sync()
    assert Schedule.objects.filter(name="by hand").exists()
