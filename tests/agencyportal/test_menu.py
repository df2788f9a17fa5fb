"""The menu shows what one may open, and no more."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.roles import ACCESS_OWNERS, MEDIA_BUYERS, ROLES
from agencyportal.menu import MENU, places_for
from tests.base import HttpsClient
from tests.factory import Factory

LINKS = [link for _, links in MENU for link in links]


@pytest.mark.matrix
@pytest.mark.parametrize("role", [*ROLES, ""])
def test_every_place_it_shows_opens(factory: Factory, role: str) -> None:
    browser = HttpsClient()
    browser.sign_in(factory.make_user(role=role))
    for place in browser.get(reverse("admin:index")).context["places"]:
        for link in place["links"]:
            assert browser.get(link["url"]).status_code == 200, link


@pytest.mark.parametrize(
    "role", [*(role for role in ROLES if role != MEDIA_BUYERS), ""]
)
def test_it_hides_what_does_not_open(factory: Factory, role: str) -> None:
    browser = HttpsClient()
    browser.sign_in(factory.make_user(role=role))
    places = browser.get(reverse("admin:index")).context["places"]
    shown = {
        link["url"].partition("?")[0] for place in places for link in place["links"]
    }
    for _, _, name, _ in LINKS:
        if reverse(name) not in shown:
            assert browser.get(reverse(name)).status_code == 403, name


def test_a_buyer_is_led_to_their_own_accounts_and_to_no_empty_list(
    factory: Factory,
) -> None:
    jonas = factory.make_user(role=MEDIA_BUYERS)
    person = factory.make_person(member=factory.make_member(user=jonas))
    via = factory.make_grant(grantee=factory.make_receiver(), state="active")
    mine = factory.make_grant(asset=via.asset, grantee=person, via=via, state="active")
    browser = HttpsClient()
    browser.sign_in(jonas)
    today, reference = browser.get(reverse("admin:index")).context["places"]
    labels = [link["label"] for link in today["links"]]
    assert labels == ["Today", "Your accounts", "Spark"]
    assert reference["heading"] == "Reference"
    page = browser.get(today["links"][1]["url"])
    assert list(page.context["cl"].result_list) == [mine]


def test_no_two_places_are_called_alike() -> None:
    labels = [label.split()[0] for label, *_ in LINKS]
    assert len(labels) == len(set(labels))


def test_our_centers_are_ours_alone(factory: Factory) -> None:
    browser = HttpsClient()
    browser.sign_in(factory.make_user(role=ACCESS_OWNERS))
    factory.make_center(name="Northlight Agency")
    factory.make_center(name="Calder Books", owner="unknown")
    places = browser.get(reverse("admin:index")).context["places"]
    links = {link["label"]: link["url"] for place in places for link in place["links"]}
    page = browser.get(links["Our centers"])
    assert page.status_code == 200
    assert [str(one) for one in page.context["cl"].result_list] == ["Northlight Agency"]


@pytest.mark.django_db
def test_every_permission_it_asks_for_exists() -> None:
    for label, _, _, permission in LINKS:
        app, _, codename = permission.partition(".")
        found = Permission.objects.filter(
            content_type__app_label=app, codename=codename
        )
        assert not permission or found.exists(), label


def test_it_marks_where_one_is(factory: Factory, rf) -> None:
    request = rf.get(reverse("admin:accounts_client_add"))
    request.user = factory.make_user()
    links = [link for place in places_for(request) for link in place["links"]]
    assert [link["label"] for link in links if link["is_current"]] == ["Clients"]
