"""Ways out of the house: each mints a link of its own, shown once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Client, Contact, User
from onboarding.flows.minting import MOST_LETTERS
from onboarding.models import AccessLink, AccessRequest
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

pytestmark = pytest.mark.long

OVER = "This request is over."


@pytest.fixture
def asked(ask: Callable[..., Any]) -> AccessRequest:
    assert ask().status_code == 200
    return AccessRequest.objects.get()


def address(name: str, row: Any) -> str:
    return reverse(f"admin:onboarding_{name}", args=[row.pk])


@pytest.mark.parametrize("name", ["hand_out", "mail", "revoke_all", "cancel"])
def test_it_is_closed_to_those_who_only_look(
    asked: AccessRequest, noa: User, name: str
) -> None:
    assert browser_of(noa).post(address(name, asked)).status_code == 403
    asked.refresh_from_db()
    assert asked.is_open
    assert AccessLink.objects.filter(revoked_at__isnull=True).count() == 1


@pytest.mark.parametrize("name", ["hand_out", "mail", "revoke_all", "cancel"])
def test_it_does_not_know_a_strangers_request(
    desk: HttpsClient, factory: Factory, name: str
) -> None:
    theirs = factory.make_request()
    assert desk.post(address(name, theirs)).status_code == 404
    assert desk.get(address(name, theirs)).status_code == 404


def test_reading_makes_and_ends_nothing(asked: AccessRequest, desk) -> None:
    link = AccessLink.objects.get()
    for name, row in (
        ("hand_out", asked),
        ("mail", asked),
        ("revoke_all", asked),
        ("cancel", asked),
        ("revoke", link),
    ):
        desk.get(address(name, row))
    asked.refresh_from_db()
    assert asked.is_open
    assert AccessLink.objects.get().revoked_at is None
    assert mail.outbox == []


def test_a_link_is_shown_once(asked: AccessRequest, desk: HttpsClient) -> None:
    page = desk.post(address("hand_out", asked))
    url = page.context["url"]
    assert page.text.count(url) == 1
    assert "<svg" in page.text
    assert url not in desk.get(address("hand_out", asked)).text
    request = reverse("admin:onboarding_accessrequest_change", args=[asked.pk])
    assert url not in desk.get(request).text


def test_every_hand_out_is_a_link_of_its_own(asked: AccessRequest, desk) -> None:
    desk.post(address("hand_out", asked), {"way": "copy"})
    desk.post(address("hand_out", asked), {"way": "paper"})
    made = AccessLink.objects.all()
    assert [one.hand_out for one in made] == ["paper", "copy", "copy"]
    assert len({one.token_hash for one in made}) == 3


def test_it_mails_the_clients_own_contacts_only(
    asked: AccessRequest, desk: HttpsClient, factory: Factory
) -> None:
    stranger = factory.make_contact()
    desk.post(address("mail", asked), {"contact": str(stranger.pk)})
    assert mail.outbox == []
    assert AccessLink.objects.count() == 1


def test_it_mails_a_fresh_link(
    asked: AccessRequest, desk: HttpsClient, sofia: Contact
) -> None:
    page = desk.post(
        address("mail", asked), {"contact": str(sofia.pk)}, follow=True
    ).text
    assert "A letter with a fresh link went to Sofia Marin." in page
    assert mail.outbox[0].to == ["sofia@aurora.example"]
    assert "https://portal.example/l/" in mail.outbox[0].body
    assert "/l/" not in page


def test_it_mails_no_more_than_a_few_an_hour(
    asked: AccessRequest, desk: HttpsClient, sofia: Contact
) -> None:
    for _ in range(MOST_LETTERS + 1):
        answer = desk.post(address("mail", asked), {"contact": str(sofia.pk)})
    assert len(mail.outbox) == MOST_LETTERS
    page = desk.get(answer["Location"]).text
    assert f"Sofia Marin had {MOST_LETTERS} letters within the hour." in page


def test_it_revokes_one(asked: AccessRequest, desk: HttpsClient) -> None:
    desk.post(address("hand_out", asked))
    second, first = AccessLink.objects.all()
    desk.post(address("revoke", second))
    second.refresh_from_db()
    first.refresh_from_db()
    assert second.revoked_at
    assert first.revoked_at is None


def test_it_revokes_no_strangers_link(desk: HttpsClient, factory: Factory) -> None:
    theirs = factory.make_link()
    assert desk.post(address("revoke", theirs)).status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_it_revokes_all(asked: AccessRequest, desk: HttpsClient) -> None:
    desk.post(address("hand_out", asked))
    page = desk.post(address("revoke_all", asked), follow=True)
    assert "No link of this request works any more." in page.text
    assert not AccessLink.objects.filter(revoked_at__isnull=True).exists()


def test_a_cancelled_request_hands_out_nothing(
    asked: AccessRequest, desk: HttpsClient, aurora: Client
) -> None:
    assert "Cancel this request?" in desk.get(address("cancel", asked)).text
    desk.post(address("cancel", asked))
    asked.refresh_from_db()
    assert asked.closed_because == AccessRequest.Closed.CANCELLED
    assert OVER in desk.post(address("hand_out", asked), follow=True).text
    assert AccessLink.objects.count() == 1
