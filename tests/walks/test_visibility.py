"""Ways around a list: fields, lookups, pop-ups, actions, counters tell nothing foreign.

Generated from the registry of desks, so that a new desk is tried from its first day.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.forms import ModelChoiceField
from django.urls import reverse

from accounts.models import Client, RoleGrant
from tests.base import HttpsClient
from tests.factory import Factory
from tests.walks.walk import fingerprints
from tests.walks.world import World, make_world

pytestmark = pytest.mark.django_db

# What leads from a row to its client: each is tried as a lookup nobody offers.
PATHS = (
    *("client", "asset__client", "grant__asset__client", "request__client"),
    *("consents__client", "assignments__client", "grants__asset__client"),
    *("access_requests__client", "merged", "merged_into", "connection__consents"),
)
ROLES = ["manager of A", "deputy of A", "once manager of A", "buyer of A"]


@pytest.fixture
def world(factory: Factory) -> World:
    return make_world(factory)


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def browser(world: World, role: str) -> HttpsClient:
    browser = world.browser(role)
    browser.get(reverse("admin:index"))
    return browser


def desks() -> list[Any]:
    return list(admin.site._registry.values())


def list_of(desk: Any) -> str:
    return reverse(f"admin:{desk.opts.app_label}_{desk.opts.model_name}_changelist")


def leaks(world: World, role: str, text: str) -> list[str]:
    told = text.lower()
    strangers = [side for side in world.sides if not world.sees(role, side)]
    return [mark for side in strangers for mark in side.marks if mark in told]


def fields_of(desk: Any, request: Any) -> Iterator[tuple[str, ModelChoiceField]]:
    """Yield every field of the desk's form and its inlines that offers rows."""
    forms = [desk.get_form(request)]
    forms += [formset.form for formset, _ in desk.get_formsets_with_inlines(request)]
    for form in forms:
        for name, field in form.base_fields.items():
            if isinstance(field, ModelChoiceField):
                yield f"{desk}.{name}", field


def test_no_field_offers_a_strangers_row(world: World, role: str, rf: Any) -> None:
    request = rf.get("/")
    request.user = world.people[role]
    offered = {}
    for desk in desks():
        if not (
            desk.has_add_permission(request) or desk.has_change_permission(request)
        ):
            continue
        for named, field in fields_of(desk, request):
            rows = list(field.queryset)
            keys = " ".join(f"{row} {row.pk}" for row in rows)
            offered[named] = leaks(world, role, keys)
    assert {named: found for named, found in offered.items() if found} == {}


@pytest.mark.long
def test_no_lookup_tells_a_strangers_name_letter_by_letter(
    world: World, role: str, browser: HttpsClient
) -> None:
    """A lookup is refused, or its answer is the same for a name that is and one that
    is not."""
    foreign = [side for side in world.sides if not world.sees(role, side)]
    told = []
    for desk in desks():
        for path in PATHS:
            for side in foreign:
                answers = [
                    browser.get(f"{list_of(desk)}?{path}__name__startswith={start}")
                    for start in (side.word[0], "~")
                ]
                counts = [
                    page.context["cl"].result_count
                    for page in answers
                    if page.status_code == 200
                ]
                if len(set(counts)) > 1:
                    told.append(f"{desk} {path}")
    assert told == []


@pytest.mark.parametrize(
    "query",
    [
        "_popup=1&_to_field=id",
        *(
            pytest.param(one, marks=pytest.mark.long)
            for one in ("_popup=1", "_to_field=id")
        ),
    ],
)
def test_a_popup_lists_no_strangers(
    world: World, role: str, browser: HttpsClient, query: str
) -> None:
    for desk in desks():
        page = browser.get(f"{list_of(desk)}?{query}")
        assert page.status_code in {200, 400, 403}, desk
        assert leaks(world, role, page.text) == [], desk


def test_no_list_is_narrowed_by_a_strangers_key(
    world: World, role: str, browser: HttpsClient
) -> None:
    for side in world.sides:
        if world.sees(role, side):
            continue
        url = reverse("admin:accounts_event_changelist")
        keys = {"client_key": side.client.pk, "actor_key": side.link.pk, "q": side.word}
        keys |= {"about": f"accounts.rolegrant:{side.grant.pk}"}
        for name, value in keys.items():
            page = browser.get(url, {name: value})
            if page.status_code == 403:  # the trail is closed to buyers
                continue
            assert page.context["cl"].result_count == 0, name


def test_no_action_reaches_a_strangers_row(
    world: World, role: str, browser: HttpsClient, rf: Any
) -> None:
    request = rf.get("/")
    request.user = world.people[role]
    strangers = [side for side in world.sides if not world.sees(role, side)]
    rows = [
        *(row for side in strangers for row in (side.client, side.account, side.grant)),
        *(row for side in strangers for row in (side.connection, side.asked)),
    ]
    before = fingerprints()
    for desk in desks():
        keys = [row.pk for row in rows if isinstance(row, desk.model)]
        for action in desk.get_actions(request) if keys else ():
            data = {"action": action, "_selected_action": keys}
            page = browser.post(list_of(desk), data, follow=True)
            assert leaks(world, role, page.text) == [], f"{desk} {action}"
    assert fingerprints() == before


def test_a_strangers_row_cannot_be_chosen_by_its_key(
    world: World, factory: Factory
) -> None:
    browser = world.browser("manager of A")
    data = {
        "platform": "tiktok",
        "external_id": "7301846225110446081",
        "name": "Mine",
        "owner": "client",
        "client": world.b.client.pk,
    }
    page = browser.post(reverse("admin:accounts_adaccount_add"), data)
    assert page.status_code == 200
    assert "Select a valid choice" in page.text
    assert world.b.word not in page.text


def test_the_front_page_counts_no_strangers(
    world: World, role: str, browser: HttpsClient, factory: Factory
) -> None:
    def tiles() -> list[Any]:
        page = browser.get(reverse("admin:index"))
        return [tile["number"] for tile in page.context.get("tiles") or []]

    before = tiles()
    stranger: Client = factory.make_client(name="Nobody's of theirs")
    for state in (RoleGrant.State.MANUAL, RoleGrant.State.LOST):
        account = factory.make_ad_account(client=stranger)
        factory.make_grant(asset=account, state=state, waits_on="account_manager")
    assert tiles() == before
