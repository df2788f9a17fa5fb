"""What requests add to the client's page stands among the desk's own panels."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Client, Contact, RoleGrant, User
from accounts.trail import Actor, record
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State


def test_a_page_draws_its_own_panels_and_the_added_in_order(
    desk: HttpsClient, aurora: Client
) -> None:
    page = desk.get(reverse("admin:accounts_client_change", args=[aurora.pk]))
    titles = [panel["title"] for panel in page.context["desk_panels"]]
    assert titles == ["Accounts", "Requests", "Keys", "People", "Attribution", "Story"]


def test_a_requests_story_tells_only_of_clients_one_sees(
    desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    asked = factory.make_item(request=factory.make_request(client=aurora)).request
    other = factory.make_client()
    with transaction.atomic():
        for client, name in ((aurora, "Aurora Wines"), (other, "Borealis Books")):
            by, told = Actor.system(), {"client": name}
            record("request.made", by=by, subject=asked, client=client, data=told)
    url = reverse("admin:onboarding_accessrequest_change", args=[asked.pk])
    panels = desk.get(url).context["desk_panels"]
    story = next(one["html"] for one in panels if one["title"] == "Story")
    assert story.count("</time>") == 1


@pytest.mark.parametrize(
    ("state", "is_offered"), [(State.ACTIVE, False), (State.LOST, True)]
)
def test_what_is_lost_is_asked_for_again_as_it_was(
    desk: HttpsClient,
    factory: Factory,
    aurora: Client,
    sofia: Contact,
    state: str,
    is_offered: bool,
) -> None:
    account = factory.make_ad_account(client=aurora)
    grant = factory.make_grant(asset=account, state=state, asked_role="analyst")
    page = reverse("admin:accounts_rolegrant_change", args=[grant.pk])
    acts = desk.get(page).context["desk_acts"]
    urls = {act["label"]: act["url"] for act in acts}
    assert ("Ask again" in urls) is is_offered
    if is_offered:
        form = desk.get(urls["Ask again"]).context["form"]
        assert form["accounts"].value() == account.external_id
        assert form["role"].value() == "analyst"
        assert form["receiver"].value() == str(grant.grantee.pk)


def test_those_who_only_look_are_not_offered_to_ask_again(
    noa: User, factory: Factory, aurora: Client
) -> None:
    account = factory.make_ad_account(client=aurora)
    grant = factory.make_grant(asset=account, state=State.LOST)
    page = reverse("admin:accounts_rolegrant_change", args=[grant.pk])
    assert browser_of(noa).get(page).context["desk_acts"] == []
