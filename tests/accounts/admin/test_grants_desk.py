"""The grant's desk: looked at, read back, never typed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Client, GrantAttempt, RoleGrant, User
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State


@pytest.fixture
def grant(factory: Factory, aurora: Client) -> RoleGrant:
    account = factory.make_ad_account(client=aurora)
    return factory.make_grant(asset=account, state=State.ACTIVE)


def read(grant: RoleGrant) -> str:
    return reverse("admin:accounts_rolegrant_read", args=[grant.pk])


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[RoleGrant]:
    """What was read at somebody's wish; the flow has tests of its own."""
    from accounts.flows import work

    seen: list[RoleGrant] = []
    monkeypatch.setattr(work, "read_now", lambda grants, by: seen.extend(grants))
    return seen


def test_it_reads_nothing_by_get(desk: HttpsClient, grant, reads) -> None:
    assert desk.get(read(grant)).status_code == 405
    assert reads == []


def test_it_reads_nothing_of_a_strangers(desk: HttpsClient, factory, reads) -> None:
    assert desk.post(read(factory.make_grant())).status_code == 404
    assert reads == []


def test_it_reads_nothing_for_those_who_only_look(grant, noa: User, reads) -> None:
    assert browser_of(noa).post(read(grant)).status_code == 403
    assert reads == []


@pytest.mark.parametrize("state", [State.DRAFT, State.FAILED])
def test_it_reads_nothing_where_nothing_was_asked(
    desk: HttpsClient, grant: RoleGrant, reads, state: str
) -> None:
    RoleGrant.objects.filter(pk=grant.pk).update(state=state)
    page = desk.post(read(grant), follow=True)
    assert "There is nothing to read back yet." in page.text
    assert reads == []


def test_it_reads_at_once_and_says_what_it_read(desk: HttpsClient, grant, reads):
    page = desk.post(read(grant), follow=True)
    assert reads == [grant]
    assert "Read back just now:" in page.text
    assert "holds Operator." in page.text


def test_a_grant_cannot_be_typed(desk: HttpsClient, grant: RoleGrant) -> None:
    url = reverse("admin:accounts_rolegrant_change", args=[grant.pk])
    assert desk.get(url).status_code == 200
    assert desk.post(url, {"state": "active"}).status_code == 403
    assert desk.get(reverse("admin:accounts_rolegrant_add")).status_code == 403


@pytest.mark.parametrize(
    ("role", "is_told"), [("Media buyers", False), ("Auditors", True)]
)
def test_whose_key_was_used_is_told_to_those_the_keys_are_open_to(
    grant: RoleGrant, factory: Factory, role: str, is_told: bool
) -> None:
    key = factory.make_connection(label="Sofia Marin")
    GrantAttempt.objects.create(grant=grant, operation="share", connection=key)
    reader = factory.make_user(role=role)
    factory.make_assignment(client=grant.asset.client, user=reader, role="buyer")
    url = reverse("admin:accounts_rolegrant_change", args=[grant.pk])
    page = browser_of(reader).get(url)
    assert page.status_code == 200
    assert "Not answered yet" in page.text
    assert ("Sofia Marin" in page.text) is is_told
