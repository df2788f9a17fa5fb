"""The plan on the request's page, its buttons, and the days that are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Contact, User
from onboarding.models import AccessRequest, Reminder
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient

pytestmark = pytest.mark.long

Ask = Callable[..., Any]


@pytest.fixture
def asked(ask: Ask) -> AccessRequest:
    """Mira has asked Aurora Wines, and one link is out, whatever day it is today."""
    assert ask(remind_after="1, 2").status_code == 200
    return AccessRequest.objects.get()


def page_of(asked: AccessRequest) -> str:
    return reverse("admin:onboarding_accessrequest_change", args=[asked.pk])


@pytest.fixture
def press(desk: HttpsClient, asked: AccessRequest) -> Callable[..., str]:
    """Press a button of the plan; return the page it leads to."""
    url = reverse("admin:onboarding_remind", args=[asked.pk])

    def press_it(**button: str) -> str:
        answer = desk.post(url, button, follow=True)
        assert answer.status_code == 200
        page: str = answer.text
        return page

    return press_it


def states() -> list[str]:
    return list(Reminder.objects.values_list("state", flat=True))


class TestDays:
    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("soon", "“soon” is no day"),
            ("0, 2", "“0” is no day"),
            ("-2", "“-2” is no day"),
            ("2.5", "“2.5” is no day"),
            ("11", "“11” is no day: enter numbers from 1 to 10"),
            ("2, 9", "The link ends in 7 days: day 9 is after it."),
        ],
    )
    def test_it_says_what_is_no_day(self, ask: Ask, typed: str, sentence: str) -> None:
        answer = ask(remind_after=typed)
        assert answer.status_code == 400
        assert sentence in answer.text
        assert not AccessRequest.objects.exists()

    def test_days_count_once_and_in_order(self, ask: Ask) -> None:
        ask(remind_after="5 3,3")
        assert AccessRequest.objects.get().remind_after == [3, 5]

    def test_no_day_reminds_nobody(self, ask: Ask) -> None:
        ask(remind_after="")
        assert states() == []


class TestPage:
    def test_it_shows_the_plan_and_what_ends_it(
        self, desk: HttpsClient, asked: AccessRequest
    ) -> None:
        page = desk.get(page_of(asked)).text
        assert page.count("To be sent") == 3
        assert "Word to the account manager" in page
        assert "After 1 and 2 days" in page
        assert page.count("Send now") == 1

    def test_who_only_looks_gets_no_buttons(
        self, asked: AccessRequest, factory: Any
    ) -> None:
        page = browser_of(factory.make_user(role="Auditors")).get(page_of(asked)).text
        assert "To be sent" in page
        assert "Send now" not in page

    def test_the_hand_out_page_shows_it_too(
        self, desk: HttpsClient, asked: AccessRequest
    ) -> None:
        url = reverse("admin:onboarding_hand_out", args=[asked.pk])
        assert "Word to the account manager" in desk.get(url).text


class TestRemindNow:
    @pytest.fixture
    def url(self, asked: AccessRequest) -> str:
        return reverse("admin:onboarding_remind", args=[asked.pk])

    def test_the_front_page_leads_to_a_letter_and_not_to_a_link(
        self, desk: HttpsClient, asked: AccessRequest, url: str
    ) -> None:
        (row,) = desk.get(reverse("admin:index")).context["waits_on_clients"]
        assert row["act"] == {"label": "Remind", "url": url}
        assert f"Remind {asked.contact}?" in desk.get(url).text
        assert mail.outbox == []

    def test_it_sends_the_plans_next_letter(
        self, desk: HttpsClient, asked: AccessRequest, url: str
    ) -> None:
        page = desk.post(url, follow=True).text
        assert f"A reminder with a fresh link went to {asked.contact}." in page
        assert (len(mail.outbox), states()) == (1, ["sent", "due", "due"])

    def test_it_sends_one_more_once_the_plan_was_stopped(
        self, desk: HttpsClient, press: Callable[..., str], url: str
    ) -> None:
        press(stop="all")
        desk.post(url)
        assert (len(mail.outbox), set(states())) == (1, {"stopped"})

    def test_nobody_is_reminded_who_has_started(
        self, desk: HttpsClient, asked: AccessRequest, url: str
    ) -> None:
        asked.links.update(started_at=timezone.now())
        assert "Start was pressed." in desk.get(url, follow=True).text
        desk.post(url)
        assert mail.outbox == []
        (row,) = desk.get(reverse("admin:index")).context["waits_on_clients"]
        assert "act" not in row

    def test_what_was_stopped_begins_again(self, press: Callable[..., str]) -> None:
        assert "Remind again" in press(stop="all")
        page = press(again="all")
        assert "The same days are planned anew, from today." in page
        assert states() == ["stopped"] * 3 + ["due"] * 3
        assert "Remind again" not in page

    def test_nothing_begins_again_where_no_day_is_left(
        self, press: Callable[..., str]
    ) -> None:
        press(stop="all")
        soon = timezone.now() + dt.timedelta(hours=1)
        AccessRequest.objects.update(closes_at=soon)
        assert "No working day is left before the link ends." in press(again="all")
        assert set(states()) == {"stopped"}


class TestCall:
    @pytest.mark.parametrize(
        ("problem", "sentence"),
        [
            ("", "has not answered. Call, then hand out a fresh link."),
            ("It was refused.", "gets no letters: the mail server refuses the address"),
        ],
    )
    def test_both_pages_say_whom_to_call_and_why(
        self, desk: HttpsClient, asked: AccessRequest, problem: str, sentence: str
    ) -> None:
        Contact.objects.update(email_problem=problem)
        if not problem:
            words = Reminder.objects.filter(contact=None)
            words.update(state="sent", ended_at=timezone.now())
        page = desk.get(page_of(asked)).text
        assert f"Next: call {asked.contact}." in page
        today = desk.get(reverse("admin:index")).context["needs_you"]
        assert [sentence in row["sentence"] for row in today] == [True]
        assert sentence in page

    def test_a_start_ends_it(self, desk: HttpsClient, asked: AccessRequest) -> None:
        Contact.objects.update(email_problem="It was refused.")
        asked.links.update(started_at=timezone.now())
        assert "Next: call" not in desk.get(page_of(asked)).text


class TestButtons:
    def test_a_reminder_goes_now_and_only_once(
        self, press: Callable[..., str], sofia: Contact
    ) -> None:
        assert f"went to {sofia.name}" in press(send="1")
        assert "already" in press(send="1")
        assert [letter.to for letter in mail.outbox] == [[sofia.email]]
        assert states() == ["sent", "due", "due"]

    def test_a_reminder_is_left_out(self, press: Callable[..., str]) -> None:
        assert "That reminder is left out." in press(skip="1")
        assert states() == ["skipped", "due", "due"]

    def test_nobody_is_reminded_any_more(
        self, press: Callable[..., str], mira: User
    ) -> None:
        page = press(stop="all")
        assert "Nobody is reminded of this request any more." in page
        assert f"{mira} stopped it." in page
        assert set(states()) == {"stopped"}
        contact = AccessRequest.objects.get().contact
        assert page.count(f"<b>{contact}</b>, 2 letters") == 1
        assert page.count(f"{mira} stopped it.</small>") == 2  # one is our own word

    @pytest.mark.parametrize("number", ["", "no", "99", "²", "3"])
    def test_a_number_that_is_no_letter_does_nothing(
        self, press: Callable[..., str], number: str
    ) -> None:
        assert "Here is the plan." in press(send=number)
        assert mail.outbox == []

    def test_a_stranger_presses_nothing(
        self, asked: AccessRequest, factory: Any
    ) -> None:
        url = reverse("admin:onboarding_remind", args=[asked.pk])
        answer = browser_of(factory.make_user()).post(url, {"stop": "all"})
        assert answer.status_code == 404
        assert set(states()) == {"due"}


class TestChanging:
    def change(self, desk: HttpsClient, asked: AccessRequest, data: Any) -> str:
        url = reverse("admin:onboarding_edit", args=[asked.pk])
        page: str = desk.post(url, data, follow=True).text
        return page

    def test_other_days_are_the_new_plan_and_the_link_stands(
        self, desk: HttpsClient, asked: AccessRequest, form: Callable[..., Any]
    ) -> None:
        page = self.change(desk, asked, form(remind_after="3"))
        assert "The reminders are planned anew, and every link stands." in page
        assert asked.links.get().revoked_at is None
        assert states() == ["due", "due"]

    def test_days_that_stay_may_lie_behind(
        self, desk: HttpsClient, asked: AccessRequest, form: Callable[..., Any]
    ) -> None:
        tomorrow = timezone.now().replace(hour=12) + dt.timedelta(days=1)
        AccessRequest.objects.update(closes_at=tomorrow)
        stays = {"closes_on": str(tomorrow.date()), "remind_after": "1, 2"}
        page = self.change(desk, asked, form(message="Hello", **stays))
        assert "Saved. No earlier link works." in page


def test_a_letter_without_a_contact_says_which_client_lacks_one(
    desk: HttpsClient, asked: AccessRequest
) -> None:
    Contact.objects.update(is_active=False)
    url = reverse("admin:onboarding_mail", args=[asked.pk])
    page = desk.post(url, {"contact": str(asked.contact_id)}, follow=True).text
    assert "Aurora Wines has no contact who is still there." in page
