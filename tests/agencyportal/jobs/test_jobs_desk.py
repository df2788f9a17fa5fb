"""The jobs' desk: every job in words, none of its arguments, a failed one run again."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from accounts.models import Event, EventPayload, User
from accounts.roles import ACCESS_OWNERS, ACCOUNT_MANAGERS, AUDITORS, MEDIA_BUYERS
from agencyportal.jobs import reading
from agencyportal.schedules import PREFIX, TIMETABLE, sync
from tests.base import HttpsClient
from tests.factory import Factory

SWEEP = "accounts.tasks.sweep_grants"
URL = "admin:jobs"
CANARY = "advertiser-7301846225110446081"


@pytest.fixture
def owner(factory: Factory) -> User:
    return factory.make_user(name="Priya Nair", role=ACCESS_OWNERS)


@pytest.fixture
def browser(owner: User) -> HttpsClient:
    browser = HttpsClient()
    browser.sign_in(owner)
    return browser


def make_task(pk: str = "1", **fields: Any) -> Task:
    now = timezone.now()
    defaults = {
        "id": pk.zfill(32),
        "name": f"job {pk}",
        "func": SWEEP,
        "args": (CANARY,),
        "kwargs": {},
        "started": now,
        "stopped": now,
        "success": True,
        "attempt_count": 1,
    }
    return Task.objects.create(**{**defaults, **fields})


def make_failure(pk: str = "1", **fields: Any) -> Task:
    result = failing(ValueError("x"))
    return make_task(
        pk, **{"success": False, "result": result, "attempt_count": 5, **fields}
    )


def failing(error: Exception) -> str:
    """Return what the queue keeps of a failure, as its worker writes it."""
    import traceback

    try:
        raise error
    except Exception as raised:
        return f"{raised} : {traceback.format_exc()}"


class OwnError(Exception):
    """Raised by a room of the portal, as far as its traceback tells."""


OwnError.__module__ = "accounts.platforms.errors"


def again(task: Task) -> str:
    return reverse("admin:jobs_again", args=[task.pk])


@pytest.mark.parametrize("role", [ACCOUNT_MANAGERS, MEDIA_BUYERS])
def test_it_is_closed_to_those_who_do_not_see_all(factory: Factory, role: str) -> None:
    browser = HttpsClient()
    browser.sign_in(factory.make_user(role=role))
    assert browser.get(reverse(URL)).status_code == 403
    assert browser.post(again(make_failure())).status_code == 403


def test_an_auditor_looks_and_runs_nothing(factory: Factory) -> None:
    browser = HttpsClient()
    browser.sign_in(factory.make_user(role=AUDITORS))
    task = make_failure()
    page = browser.get(reverse(URL))
    assert page.status_code == 200
    assert again(task) not in page.text
    assert browser.post(again(task)).status_code == 403
    assert Task.objects.count() == 1


def test_it_shows_no_argument_and_no_traceback(browser: HttpsClient) -> None:
    make_failure("1", result=failing(ValueError(f"{CANARY} is wrong")))
    make_task("2", result=CANARY)
    async_task(SWEEP, CANARY)
    page = browser.get(reverse(URL)).text
    assert CANARY not in page
    assert "Traceback" not in page
    assert "It stopped with ValueError." in page


def test_it_masks_a_secret_in_a_sentence_of_our_own(browser: HttpsClient) -> None:
    error = OwnError("TikTok refused: access_token=abcdef0123456789abcdef")
    make_failure(result=failing(error))
    page = browser.get(reverse(URL)).text
    assert "TikTok refused" in page
    assert "abcdef0123456789" not in page


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (None, "It ended without a word. The worker's log may say why."),
        ("", "It ended without a word. The worker's log may say why."),
        (
            failing(ValueError("one\nDETAIL: Key (email)=(dana@x.example)")),
            "It stopped with ValueError. The worker's log says where.",
        ),
        (failing(OwnError("TikTok is away.")), "TikTok is away."),
    ],
)
def test_it_says_in_a_sentence_why(result: Any, sentence: str) -> None:
    assert reading.sentence_of(result) == sentence


@pytest.mark.parametrize("func", [job["func"] for job in TIMETABLE.values()])
def test_every_job_of_the_timetable_has_a_name_in_words(func: str) -> None:
    name = reading.named(func)["name"]
    assert " " in name, f"{func} needs a docstring: its first line is its name"


@pytest.mark.parametrize("func", ["accounts.tasks.gone", "os.system", "accounts.no.x"])
def test_an_unknown_job_keeps_its_dotted_name(func: str) -> None:
    assert reading.named(func)["name"] == func


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * * *", "Every minute"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("30 3 * * *", "Daily at 03:30"),
        ("0 8 * * 1", "0 8 * * 1"),
    ],
)
def test_it_tells_the_rhythm_in_words(cron: str, words: str) -> None:
    assert reading.rhythm(cron) == words


class TestStates:
    def test_what_no_worker_has_taken_waits(self, db: None) -> None:
        async_task(SWEEP)
        assert [row["pill"]["word"] for row in reading.waiting()] == ["Waits"]

    def test_what_a_worker_has_taken_runs(self, db: None) -> None:
        async_task(SWEEP)
        OrmQ.objects.update(lock=timezone.now() + dt.timedelta(minutes=10))
        assert [row["pill"]["word"] for row in reading.waiting()] == ["Runs"]

    def test_what_failed_and_is_queued_still_is_tried_again(self, db: None) -> None:
        pk = async_task(SWEEP)
        OrmQ.objects.update(lock=timezone.now() + dt.timedelta(minutes=10))
        make_failure(pk, attempt_count=2)
        [row] = reading.waiting()
        assert row["pill"]["word"] == "Tries again"
        assert row["attempts"] == 2
        assert [row["pill"]["word"] for row in reading.failed(may_run=True)] == [
            "Tries again"
        ]

    def test_what_used_up_its_tries_has_failed(self, db: None) -> None:
        make_failure()
        [row] = reading.failed(may_run=True)
        assert row["pill"]["word"] == "Failed"
        assert row["again_url"]

    def test_an_entry_nobody_can_read_does_not_break_the_page(
        self, browser: HttpsClient
    ) -> None:
        OrmQ.objects.create(key="portal", payload="torn", lock=timezone.now())
        assert browser.get(reverse(URL)).status_code == 200


class TestTimetable:
    def test_it_tells_when_each_runs_next_and_how_it_went(self, db: None) -> None:
        sync()
        Schedule.objects.filter(name=f"{PREFIX}keys").update(task=make_failure().pk)
        rows = {row["func"]: row for row in reading.timetable()}
        assert len(rows) == len(TIMETABLE)
        keys = rows["accounts.tasks.drop_keys"]
        assert (keys["pill"]["word"], keys["rhythm"]) == ("Failed", "Every minute")
        assert keys["next"] > timezone.now()

    def test_what_never_ran_is_told_from_what_is_not_over(self, db: None) -> None:
        sync()
        Schedule.objects.filter(name=f"{PREFIX}keys").update(task="0" * 32)
        words = {row["func"]: row["pill"]["word"] for row in reading.timetable()}
        assert words.pop("accounts.tasks.drop_keys") == "Not finished yet"
        assert set(words.values()) == {"Not run yet"}

    def test_it_tells_how_often_our_centers_are_read(self) -> None:
        assert "every six hours" in reading.named("accounts.tasks.sync_due")["name"]

    def test_it_says_when_no_worker_runs(self, browser: HttpsClient) -> None:
        sync()
        assert "No worker runs the jobs" not in browser.get(reverse(URL)).text
        Schedule.objects.update(next_run=timezone.now() - dt.timedelta(minutes=6))
        assert "No worker runs the jobs" in browser.get(reverse(URL)).text


class TestRunningAgain:
    def test_reading_runs_nothing(self, browser: HttpsClient) -> None:
        task = make_failure()
        assert browser.get(again(task)).status_code == 405
        assert not OrmQ.objects.exists()

    def test_what_went_well_is_not_run_again(self, browser: HttpsClient) -> None:
        assert browser.post(again(make_task())).status_code == 404

    def test_what_is_tried_by_itself_is_left_alone(self, browser: HttpsClient) -> None:
        task = make_failure(attempt_count=2)
        page = browser.post(again(task), follow=True)
        assert "is tried again by itself" in page.text
        assert not OrmQ.objects.exists()
        assert Task.objects.filter(pk=task.pk).exists()

    def test_it_queues_the_same_job_once_and_tells(self, browser: HttpsClient) -> None:
        task = make_failure(kwargs={"now": 1})
        assert "is queued again" in browser.post(again(task), follow=True).text
        assert browser.post(again(task)).status_code == 404
        [entry] = OrmQ.objects.all()
        queued = SignedPackage.loads(entry.payload)
        assert queued["func"] == SWEEP
        assert (queued["args"], queued["kwargs"]) == ((CANARY,), {"now": 1})
        event = Event.objects.get(action="job.run_again")
        body = json.loads(EventPayload.objects.get(event_id=event.pk).body)
        assert body["by"] == "Priya Nair"
        assert CANARY not in json.dumps(body)


def test_it_asks_as_often_for_a_thousand_jobs_as_for_ten(
    browser: HttpsClient, django_assert_num_queries: Any
) -> None:
    sync()
    for first, last in ((10, 20), (20, 1_000)):
        for number in range(first, last):
            async_task(SWEEP, number)
        now = timezone.now()
        Task.objects.bulk_create(
            Task(
                id=f"{number:032}",
                name=str(number),
                func=SWEEP,
                started=now,
                stopped=now,
                success=bool(number % 2),
                attempt_count=5,
            )
            for number in range(first, last)
        )
        with django_assert_num_queries(11):
            page = browser.get(reverse(URL))
        assert page.text.count("Run again") <= 2 * reading.MOST_ROWS


def test_it_counts_no_further_than_anybody_cares(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_COUNTED", 3)
    for number in range(5):
        make_failure(str(number))
    assert reading.counts() == {"waiting": 0, "failed": 3}
