"""The desk that changes an open request, and the page after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.trail import Actor
from onboarding.flows import requests
from onboarding.models import AccessRequest, RequestItem
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient

Form = Callable[..., dict[str, str]]


@pytest.fixture
def asked(ask: Callable[..., Any]) -> AccessRequest:
    """Mira has asked Aurora Wines, and one link is out."""
    assert ask(message="Hello").status_code == 200
    return AccessRequest.objects.get()


def url_of(asked: AccessRequest) -> str:
    return reverse("admin:onboarding_edit", args=[asked.pk])


def page_of(asked: AccessRequest) -> str:
    return reverse("admin:onboarding_accessrequest_change", args=[asked.pk])


def test_it_is_closed_to_those_who_may_not_ask(
    asked: AccessRequest, noa: User, form: Form
) -> None:
    assert browser_of(noa).get(url_of(asked)).status_code == 403
    answer = browser_of(noa).post(url_of(asked), form(role="analyst"))
    assert answer.status_code == 403


def test_it_refuses_as_the_first_form_does(
    desk: HttpsClient, asked: AccessRequest, form: Form
) -> None:
    answer = desk.post(url_of(asked), form(role="admin"))
    assert answer.status_code == 400
    assert "Say why Operator is not enough." in answer.text
    assert RequestItem.objects.get().role == "operator"


def test_it_sends_away_from_a_request_that_is_over(
    desk: HttpsClient, asked: AccessRequest
) -> None:
    requests.close(asked, "cancelled", by=Actor.system())
    answer = desk.get(url_of(asked), follow=True)
    assert "This request is over. Ask again" in answer.text
    assert url_of(asked) not in desk.get(page_of(asked)).text


def test_it_says_what_a_change_ends(desk: HttpsClient, asked: AccessRequest) -> None:
    assert url_of(asked) in desk.get(page_of(asked)).text
    page = desk.get(url_of(asked)).text
    assert "The link that is out ends." in page
    assert "Hello</textarea>" in page


def test_it_leaves_everything_when_nothing_was_changed(
    desk: HttpsClient, asked: AccessRequest, form: Form
) -> None:
    answer = desk.post(url_of(asked), form(message="Hello"), follow=True)
    assert "Nothing was changed, and every link stands." in answer.text
    assert asked.links.get().revoked_at is None


def test_a_last_day_that_stays_may_be_today(
    desk: HttpsClient, asked: AccessRequest, form: Form
) -> None:
    tonight = timezone.now() + dt.timedelta(minutes=1)
    AccessRequest.objects.update(closes_at=tonight)
    changes = {"closes_on": str(timezone.localdate(tonight)), "message": "Quick"}
    assert desk.post(url_of(asked), form(**changes)).status_code == 302
    asked.refresh_from_db()
    assert (asked.message, asked.closes_at) == ("Quick", tonight)


def test_it_leads_on_to_the_new_link(
    desk: HttpsClient, asked: AccessRequest, form: Form
) -> None:
    answer = desk.post(url_of(asked), form(role="analyst"), follow=True)
    assert "No earlier link works. Hand out the new one." in answer.text
    assert "Make a link to copy" in answer.text
    assert "Send the letter" in answer.text
    assert asked.links.get().revoked_at is not None


def test_it_leads_back_when_an_owner_decides_first(
    desk: HttpsClient, asked: AccessRequest, form: Form
) -> None:
    until = str(timezone.localdate() + dt.timedelta(days=30))
    data = form(role="admin", reason="Billing", ends_on=until)
    answer = desk.post(url_of(asked), data, follow=True)
    assert "An access owner decides now." in answer.text
    assert "Make a link to copy" not in answer.text
