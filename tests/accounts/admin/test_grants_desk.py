"""The grant's desk: looked at, never typed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Client, GrantAttempt, RoleGrant
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State


@pytest.fixture
def grant(factory: Factory, aurora: Client) -> RoleGrant:
    account = factory.make_ad_account(client=aurora)
    return factory.make_grant(asset=account, state=State.ACTIVE)


def test_a_grant_cannot_be_typed(desk: HttpsClient, grant: RoleGrant) -> None:
    url = reverse("admin:accounts_rolegrant_change", args=[grant.pk])
    assert desk.get(url).status_code == 200
    assert desk.post(url, {"state": "active"}).status_code == 403
    assert desk.get(reverse("admin:accounts_rolegrant_add")).status_code == 403


def test_its_list_says_how_each_stands_in_words(
    desk: HttpsClient, grant: RoleGrant
) -> None:
    html = desk.get(reverse("admin:accounts_rolegrant_changelist")).text
    assert 'class="pill ok"' in html
    assert "Active" in html.partition('id="result_list"')[2]


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
