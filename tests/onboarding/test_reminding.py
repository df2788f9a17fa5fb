"""Reminders: when they leave, to whom, what ends them, and never twice."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.letters import LetterRefused
from accounts.models import Contact, Event, User
from accounts.trail import Actor
from onboarding import tasks, turns
from onboarding.flows import connect, editing, links, planning, reminding, requests
from onboarding.models import AccessLink, AccessRequest, Reminder, RequestItem
from tests.factory import Factory
from tests.simulated import run_jobs

UTC = dt.UTC
State = Reminder.State
BY = Actor.system()
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu")
# A Monday, at ten in Berlin.
MONDAY = dt.datetime(2031, 6, 2, 8, 0, tzinfo=UTC)
MINUTE = dt.timedelta(minutes=1)


class TestWorkingHours:
    @given(
        st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2040, 1, 1)),
        st.sampled_from(ZONES),
        st.sets(st.integers(1, 10), min_size=1, max_size=5),
    )
    def test_letters_leave_on_working_days_from_nine_to_five(
        self, naive: dt.datetime, zone: str, days: set[int]
    ) -> None:
        clock = zoneinfo.ZoneInfo(zone)
        handed_out = naive.replace(tzinfo=UTC)
        dates = planning.dates_after(handed_out, days, clock)
        there = [date.astimezone(clock) for date in dates]
        first = handed_out.astimezone(clock).date()
        for number, date in zip(sorted(days), there, strict=True):
            assert date.weekday() < 5
            assert dt.time(9) <= date.time() <= dt.time(17)
            assert date.date() >= first + dt.timedelta(days=number)
        assert len({date.date() for date in there}) == len(days)

    @pytest.mark.parametrize(
        ("handed_out", "leaves"),
        [
            ("2031-06-02T10:00", "2031-06-04T10:00"),  # Monday: Wednesday, same hour
            ("2031-06-02T06:30", "2031-06-04T09:00"),
            ("2031-06-02T18:30", "2031-06-05T09:00"),
            ("2031-06-05T10:00", "2031-06-09T09:00"),  # Saturday moves to Monday
            ("2031-10-24T10:00", "2031-10-27T09:00"),  # summer time ends that Sunday
            ("2031-10-23T16:00", "2031-10-27T09:00"),
        ],
    )
    def test_a_weekend_and_a_night_move_to_nine(
        self, handed_out: str, leaves: str
    ) -> None:
        berlin = zoneinfo.ZoneInfo("Europe/Berlin")
        moment = dt.datetime.fromisoformat(handed_out).replace(tzinfo=berlin)
        (date,) = planning.dates_after(moment, [2], berlin)
        assert f"{date.astimezone(berlin):%Y-%m-%dT%H:%M}" == leaves


class Clock:
    """The portal's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> dt.datetime:
        return self.now

    def goes_to(self, moment: dt.datetime) -> None:
        """Let a minute's sweep find the portal at this moment."""
        self.now = moment
        tasks.sweep()
        run_jobs()

    def passes(self, **time: float) -> None:
        self.goes_to(self.now + dt.timedelta(**time))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def mira(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor", email="mira@northlight.example")


@pytest.fixture
def item(clock: Clock, factory: Factory, mira: User) -> RequestItem:
    """Aurora Wines is asked; Sofia Marin is the only contact."""
    aurora = factory.make_client(name="Aurora Wines", time_zone="Europe/Berlin")
    factory.make_assignment(client=aurora, user=mira)
    sofia = factory.make_contact(client=aurora, name="Sofia Marin")
    return factory.make_item(
        request=factory.make_request(
            client=aurora,
            contact=sofia,
            asked_by=mira,
            asked_at=MONDAY,
            closes_at=MONDAY + dt.timedelta(days=7, hours=13),
        )
    )


@pytest.fixture
def asked(item: RequestItem) -> AccessRequest:
    """A link is out since Monday at ten."""
    links.hand_out(item.request, AccessLink.HandOut.COPY, by=BY)
    AccessLink.objects.update(made_at=MONDAY)
    return item.request


@pytest.fixture
def jonas(factory: Factory, item: RequestItem) -> Contact:
    return factory.make_contact(client=item.client, name="Jonas Lind")


@pytest.fixture
def refuses(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the mail server answer `error` to every letter to this person."""
    usual = EmailMultiAlternatives.send

    def refuse(contact: Contact, error: Exception | None = None) -> None:
        answer = error or SMTPRecipientsRefused(
            {contact.email: (550, b"No such mailbox")}
        )

        def send(self: Any, *args: Any) -> Any:
            if self.to == [contact.email]:
                raise answer
            return usual(self, *args)

        monkeypatch.setattr(EmailMultiAlternatives, "send", send)

    return refuse


def plan(asked: AccessRequest) -> list[tuple[str, str, str]]:
    """Return the plan in words: what is to happen when, to whom."""
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    return [
        (
            f"{row.due_at.astimezone(berlin):%a %H:%M}",
            str(row.contact or "the manager"),
            row.state,
        )
        for row in asked.reminders.select_related("contact")
    ]


def states(asked: AccessRequest) -> list[str]:
    return list(asked.reminders.values_list("state", flat=True))


def turn_of(asked: AccessRequest) -> str:
    found: Any = turns.with_turn(AccessRequest.objects.filter(pk=asked.pk)).get()
    return found.turn


def told(asked: AccessRequest) -> list[str]:
    events = Event.objects.about(asked).filter(action__startswith="reminder.")
    return list(events.order_by("pk").values_list("action", flat=True))


def sent_to() -> list[str]:
    return [letter.to[0].split("@")[0] for letter in mail.outbox]


class TestPlan:
    def test_there_is_none_before_a_link_is_out(self, item: RequestItem) -> None:
        assert plan(item.request) == []

    def test_there_is_none_for_what_we_ask_on_the_website(
        self, item: RequestItem
    ) -> None:
        RequestItem.objects.update(method=RequestItem.Method.METHOD_A)
        links.hand_out(item.request, AccessLink.HandOut.COPY, by=BY)
        assert plan(item.request) == []

    def test_there_is_none_where_nobody_is_to_be_reminded(
        self, item: RequestItem
    ) -> None:
        item.request.remind_after = []
        links.hand_out(item.request, AccessLink.HandOut.COPY, by=BY)
        assert plan(item.request) == []

    def test_the_first_link_makes_it(self, asked: AccessRequest) -> None:
        assert plan(asked) == [
            ("Wed 10:00", "Sofia Marin", "due"),
            ("Fri 10:00", "Sofia Marin", "due"),
            ("Mon 09:00", "Sofia Marin", "due"),
            ("Mon 13:00", "the manager", "due"),
        ]
        assert told(asked) == ["reminder.planned"]

    def test_a_further_link_leaves_it(self, asked: AccessRequest) -> None:
        before = plan(asked)
        links.mail(asked, asked.contact, by=BY)
        assert plan(asked) == before

    def test_it_follows_the_contacts_own_clock(self, item: RequestItem) -> None:
        item.request.contact.time_zone = "America/New_York"
        links.hand_out(item.request, AccessLink.HandOut.COPY, by=BY)
        first = item.request.reminders.first()
        assert first is not None
        assert f"{first.due_at:%a %H:%M}" == "Wed 13:00"  # nine o'clock there

    def test_no_letter_is_planned_after_the_last_day(self, item: RequestItem) -> None:
        item.request.closes_at = MONDAY + dt.timedelta(days=3, hours=6)
        links.hand_out(item.request, AccessLink.HandOut.COPY, by=BY)
        assert [row[:2] for row in plan(item.request)] == [
            ("Wed 10:00", "Sofia Marin"),
            ("Thu 10:00", "the manager"),
        ]


class TestLetters:
    def test_none_leaves_before_its_hour(
        self, asked: AccessRequest, clock: Clock
    ) -> None:
        clock.passes(days=2, minutes=-1)
        assert mail.outbox == []

    def test_each_brings_a_link_of_its_own_in_other_words(
        self, asked: AccessRequest, clock: Clock
    ) -> None:
        for _ in range(3):
            clock.passes(days=2)
        clock.passes(days=1)  # a weekend lay between
        first, second, last = mail.outbox[:3]
        assert "Perhaps our letter went under" in first.body
        assert "pass this letter on" in second.body
        assert "Mira Okafor calls you next" in " ".join(last.body.split())
        assert asked.links.filter(hand_out="mail").count() == 3
        urls = {letter.body.split("/l/")[1].split("/")[0] for letter in mail.outbox[:3]}
        assert len(urls) == 3
        assert all(links.find(token) for token in urls)

    def test_the_manager_is_told_at_last_and_it_is_their_turn(
        self, asked: AccessRequest, clock: Clock
    ) -> None:
        clock.passes(days=2)
        clock.passes(days=2)
        clock.passes(days=3)
        assert turn_of(asked) == turns.CLIENT
        clock.passes(hours=3)
        assert mail.outbox[-1].to == ["mira@northlight.example"]
        body = " ".join(mail.outbox[-1].body.split())
        assert "Sofia Marin has not pressed Start after 3 reminders." in body
        assert turn_of(asked) == turns.TALK
        fresh = links.mail(asked, asked.contact, by=BY)  # after the call
        AccessLink.objects.filter(pk=fresh.pk).update(made_at=clock.now + MINUTE)
        assert turn_of(asked) == turns.CLIENT

    def test_two_misses_turn_to_somebody_else_there(
        self, asked: AccessRequest, clock: Clock, jonas: Contact, factory: Factory
    ) -> None:
        decides = factory.make_contact(
            client=asked.client, name="Zora", is_primary=True
        )
        clock.passes(days=2)
        clock.passes(days=2)
        clock.passes(days=3)
        assert mail.outbox[-1].to == [decides.email]
        body = " ".join(mail.outbox[-1].body.split())
        assert "Hello Zora" in body
        assert "we asked Sofia Marin" in body
        assert "reminder.passed_on" in told(asked)

    def test_it_is_sent_now_and_the_rest_keep_their_days(
        self, asked: AccessRequest, clock: Clock, mira: User
    ) -> None:
        assert reminding.send_now(asked, 1, user=mira) == asked.contact
        with pytest.raises(reminding.NothingDue):
            reminding.send_now(asked, 1, user=mira)
        assert len(mail.outbox) == 1
        clock.passes(days=2)
        assert len(mail.outbox) == 1
        assert states(asked) == ["sent", "due", "due", "due"]

    def test_one_is_left_out(
        self, asked: AccessRequest, clock: Clock, mira: User
    ) -> None:
        reminding.skip(asked, 1, user=mira)
        clock.passes(days=2)
        assert mail.outbox == []
        assert states(asked) == ["skipped", "due", "due", "due"]


class TestEnds:
    def test_start_ends_it(self, asked: AccessRequest, clock: Clock) -> None:
        link = asked.links.get()
        connect.start(link, asked.items.get(), browser="a browser")
        clock.passes(days=7)
        assert mail.outbox == []
        assert set(states(asked)) == {"stopped"}

    def test_the_end_of_the_request_ends_it(self, asked: AccessRequest) -> None:
        requests.close(asked, "cancelled", by=BY)
        assert set(states(asked)) == {"stopped"}

    def test_the_manager_hears_that_it_ran_out(
        self, asked: AccessRequest, clock: Clock
    ) -> None:
        AccessRequest.objects.update(closes_at=MONDAY + dt.timedelta(days=1))
        clock.passes(days=1)
        assert sent_to() == ["mira"]
        body = " ".join(mail.outbox[0].body.split())
        assert "nobody answered. Ask again from the client's page." in body
        assert "It ends on" not in body
        assert states(asked) == ["stopped", "stopped", "stopped", "sent"]

    def test_a_colleague_ends_it(self, asked: AccessRequest, mira: User) -> None:
        reminding.stop(asked, user=mira)
        assert set(states(asked)) == {"stopped"}
        with pytest.raises(reminding.NothingDue):
            reminding.stop(asked, user=mira)

    def test_another_contact_is_chased_from_their_own_link_on(
        self, asked: AccessRequest, mira: User, jonas: Contact
    ) -> None:
        wish = requests.wish_of(asked.items.get())
        changed = requests.Wish(**{**vars(wish), "contact": jonas})
        assert editing.change(asked, changed, user=mira)
        assert set(states(asked)) == {"stopped"}
        asked.refresh_from_db()
        links.hand_out(asked, AccessLink.HandOut.COPY, by=BY)
        due = planning.due(asked).filter(contact__isnull=False)
        assert {row.contact for row in due} == {jonas}

    def test_other_days_alone_leave_the_link(
        self, asked: AccessRequest, mira: User
    ) -> None:
        wish = requests.wish_of(asked.items.get())
        changed = requests.Wish(**{**vars(wish), "remind_after": (3,)})
        assert editing.change(asked, changed, user=mira)
        assert asked.links.usable().exists()
        assert plan(asked) == [
            ("Thu 10:00", "Sofia Marin", "due"),
            ("Fri 10:00", "the manager", "due"),
        ]

    def test_other_days_bring_back_nothing_that_was_sent_left_out_or_stopped(
        self, asked: AccessRequest, mira: User
    ) -> None:
        reminding.send_now(asked, 1, user=mira)
        AccessLink.objects.update(made_at=MONDAY)
        reminding.skip(asked, 2, user=mira)
        wish = requests.wish_of(asked.items.get())
        changed = requests.Wish(**{**vars(wish), "remind_after": (2, 4, 5)})
        assert editing.change(asked, changed, user=mira)
        due = planning.due(asked).filter(contact__isnull=False)
        assert [row.due_at.date() - MONDAY.date() for row in due] == [
            dt.timedelta(days=7)  # the fifth day is a Saturday
        ]

    def test_word_goes_to_nobody_who_may_not_sign_in_or_see_the_client(
        self, asked: AccessRequest, clock: Clock, mira: User, factory: Factory
    ) -> None:
        asked.client.assignments.all().delete()
        clock.passes(days=2)
        mail.outbox.clear()
        clock.passes(days=2)
        clock.passes(days=4)
        assert mira.email not in [to for letter in mail.outbox for to in letter.to]
        assert "Nobody who may sign in serves this client" in str(
            list(asked.reminders.values_list("problem", flat=True))
        )

    def test_a_contact_who_left_is_the_managers_matter(
        self, asked: AccessRequest, clock: Clock
    ) -> None:
        Contact.objects.update(is_active=False)
        clock.passes(minutes=1)
        clock.passes(minutes=1)
        assert sent_to() == ["mira"]
        assert "Sofia Marin is no longer there." in mail.outbox[0].body
        assert states(asked) == ["stopped", "stopped", "stopped", "sent"]


class TestRefusedMail:
    def test_the_manager_hears_it_and_the_next_goes_to_somebody_else(
        self,
        asked: AccessRequest,
        clock: Clock,
        jonas: Contact,
        refuses: Callable[..., None],
    ) -> None:
        refuses(asked.contact)
        clock.passes(days=2)
        asked.contact.refresh_from_db()
        assert "550 No such mailbox" in asked.contact.email_problem
        assert sent_to() == ["mira"]
        body = " ".join(mail.outbox[0].body.split())
        assert "The next reminder goes to Jonas Lind on 6 June." in body
        row = asked.reminders.get(number=1)
        assert (row.state, row.problem) == ("refused", asked.contact.email_problem)
        assert turn_of(asked) == turns.TALK
        clock.passes(days=2)
        assert mail.outbox[-1].to == [jonas.email]

    def test_the_manager_is_told_at_once_where_there_is_nobody_else(
        self, asked: AccessRequest, clock: Clock, refuses: Callable[..., None]
    ) -> None:
        refuses(asked.contact)
        clock.passes(days=2)
        clock.passes(minutes=1)
        assert sent_to() == ["mira"]
        assert states(asked) == ["refused", "stopped", "stopped", "sent"]

    def test_no_fresh_link_goes_to_that_address(
        self, asked: AccessRequest, refuses: Callable[..., None]
    ) -> None:
        Contact.objects.update(email_problem="It was refused.")
        links.mail_again(asked.contact.email)
        run_jobs()
        assert mail.outbox == []

    @pytest.mark.parametrize(
        "error",
        [
            ConnectionRefusedError(),
            SMTPRecipientsRefused({"sofia": (451, b"Greylisted, come back later")}),
        ],
    )
    def test_a_mail_server_in_trouble_says_nothing_of_the_address(
        self,
        asked: AccessRequest,
        clock: Clock,
        refuses: Callable[..., None],
        error: Exception,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        with monkeypatch.context():
            refuses(asked.contact, error)
            clock.passes(days=2)
        asked.contact.refresh_from_db()
        assert asked.contact.email_problem == ""
        assert plan(asked)[0] == ("Wed 11:00", "Sofia Marin", "due")


class TestNeverTwice:
    def test_a_worker_killed_before_the_letter_sends_no_second_one(
        self, asked: AccessRequest, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Killed(BaseException):
            pass

        def die(*args: object, **more: object) -> None:
            raise Killed

        first = asked.reminders.get(number=1)
        clock.now = first.due_at
        with monkeypatch.context() as patch:
            patch.setattr(links, "send_letter", die)
            with pytest.raises(Killed):
                reminding.remind(str(first.pk))
        clock.passes(minutes=1)
        assert states(asked)[0] == "due"
        clock.passes(minutes=10)
        assert mail.outbox == []
        first.refresh_from_db()
        assert (first.state, first.problem) == ("sent", reminding.CUT_OFF)
        assert "reminder.unsure" in told(asked)

    def test_a_letter_that_perhaps_left_is_not_sent_again(
        self, asked: AccessRequest, clock: Clock, refuses: Callable[..., None]
    ) -> None:
        refuses(asked.contact, SMTPServerDisconnected())
        clock.passes(days=2)
        row = asked.reminders.get(number=1)
        assert row.state == State.SENT
        assert "perhaps it arrived" in row.problem
        assert asked.links.usable().filter(hand_out="mail").exists()

    def test_two_workers_send_one(self, asked: AccessRequest, clock: Clock) -> None:
        clock.now = MONDAY + dt.timedelta(days=2)
        first = str(asked.reminders.get(number=1).pk)
        assert [reminding.remind(first) for _ in range(2)] == [True, False]
        assert len(mail.outbox) == 1


def test_who_sends_by_hand_hears_the_mail_servers_answer(
    asked: AccessRequest, mira: User, refuses: Callable[..., None]
) -> None:
    refuses(asked.contact, ConnectionRefusedError())
    with pytest.raises(LetterRefused, match="did not take the letter"):
        reminding.send_now(asked, 1, user=mira)
    assert states(asked)[0] == "due"
