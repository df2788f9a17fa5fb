from __future__ import annotations

import copy

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts import roles
from accounts.flows import approvals, resets
from accounts.models import Event, User
from agencyportal.demo.cast import CAST, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"].append(
        "agencyportal.demo.views.demo_cast"
    )
    settings.TEMPLATES = templates
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "agencyportal.demo"]
    settings.ROOT_URLCONF = "tests.agencyportal.demo.urls"


def click(client, key):
    return client.post(reverse("demo_sign_in", args=[key]))


def test_it_has_no_address_outside_the_demo():
    with pytest.raises(NoReverseMatch):
        reverse("demo_choose")


def test_it_signs_nobody_in_by_a_link(demo, client):
    make_cast()
    assert client.get(reverse("demo_sign_in", args=["mira.okafor"])).status_code == 405
    assert "_auth_user_id" not in client.session


def test_it_signs_nobody_in_from_another_site(demo):
    make_cast()
    strict = Client(enforce_csrf_checks=True)
    assert click(strict, "mira.okafor").status_code == 403


def test_it_signs_in_nobody_but_the_cast(demo, client):
    User.objects.create_user("eve@northlight.example", name="Eve")
    assert click(client, "eve").status_code == 404
    assert "_auth_user_id" not in client.session


def test_it_refuses_a_member_who_is_switched_off(demo, client):
    make_cast()
    User.objects.filter(email="mira.okafor@northlight.example").update(is_active=False)
    assert click(client, "mira.okafor").url == reverse("account_inactive")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_it_passes_the_gate_as_everybody_does(demo, client, part):
    assert click(client, part.key).status_code == 302
    assert client.get("/brand-new/").status_code == 200
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert user.name == part.name
    assert user.role_names == {part.role}


def test_it_changes_to_another_person_with_a_click(demo, client):
    click(client, "mira.okafor")
    click(client, "priya.raman")
    click(client, "priya.raman")
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert user.name == "Priya Raman"
    assert client.get("/brand-new/").status_code == 200


def test_it_makes_the_cast_once():
    assert make_cast() == make_cast()
    assert User.objects.count() == Authenticator.objects.count() == len(CAST)
    assert Event.objects.filter(action="user.added").count() == len(CAST)


def test_it_plays_every_role():
    assert {part.role for part in CAST} == set(roles.ROLES)


def test_two_access_owners_play_what_takes_two():
    cast = make_cast()
    priya, lena = cast["priya.raman"], cast["lena.fischer"]
    reset = resets.ask(cast["mira.okafor"], reason="A lost phone.", by=priya)
    assert "another access owner" in resets.why_not(reset, priya)
    assert resets.why_not(reset, lena) == ""
    wished = approvals.ask(what={"role": "admin"}, asked_by=priya)
    assert approvals.why_not(wished, lena) == ""


def test_it_offers_everybody_on_the_page_and_at_the_door(demo, client):
    for address in (reverse("demo_choose"), reverse("account_login")):
        page = client.get(address).content.decode()
        assert all(part.name in page for part in CAST), address
