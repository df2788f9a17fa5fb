"""Which fix card a grant needs, told from codes, from reads and from the books."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import timezone

from accounts import fixes
from accounts.fixes.catalogue import CARDS, Card
from accounts.models import GrantAttempt, Grantee, RoleGrant
from accounts.platforms.told import OLD_AFTER, Told
from tests.factory import Factory

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
ALL_SCOPES = ["100", "150", "153", "155"]

REFUSED = (
    ("40001", "no permission for the operation", ALL_SCOPES, "not_admin"),
    ("40001", "no permission for the operation", ["100", "150"], "missing_scopes"),
    (
        "40002",
        "asset_ids: linked to another Business Center",
        ALL_SCOPES,
        "already_linked",
    ),
    ("40002", "asset_ids: 73 is not owned by it", ALL_SCOPES, "only_shared"),
    ("40105", "Access token is incorrect", ALL_SCOPES, "dead_token"),
    ("40119", "company does not match", ALL_SCOPES, "wrong_login"),
    ("40113", "app blocked", ALL_SCOPES, "app_refused"),
)
AS_BOOKED = (
    (State.DRIFTED, WaitsOn.ACCOUNT_MANAGER, "analyst", "wrong_role"),
    (State.UNVERIFIED, WaitsOn.CLIENT, "analyst", "wrong_role"),
    (State.PENDING, WaitsOn.CENTER_ADMIN, "", "receiver_accepts"),
    (State.MANUAL, WaitsOn.ACCOUNT_MANAGER, "", "no_center"),
    (State.DECLINED, "", "", "declined"),
    (State.LOST, WaitsOn.ACCOUNT_MANAGER, "", "lost"),
    (State.FOUND, WaitsOn.ACCOUNT_MANAGER, "", "found"),
)


def key_of(card: Card | None) -> str:
    return card.key if card else ""


def refused(
    factory: Factory, code: str, answer: str, scopes: list[str], state: str
) -> RoleGrant:
    grant = factory.make_grant(state=state)
    GrantAttempt.objects.create(
        grant=grant,
        operation=GrantAttempt.Operation.SHARE,
        connection=factory.make_connection(scopes=scopes),
        outcome=GrantAttempt.Outcome.REFUSED,
        native_code=code,
        answer=answer,
    )
    return grant


@pytest.mark.parametrize("state", [State.ACTIVE, State.DRAFT, State.REQUESTING])
def test_what_goes_as_it_should_needs_no_card(factory: Factory, state: str) -> None:
    assert fixes.of(factory.make_grant(state=state)) is None


def test_a_refusal_is_forgotten_once_it_is_held(factory: Factory) -> None:
    grant = refused(factory, "40001", "", [], State.FAILED)
    RoleGrant.objects.filter(pk=grant.pk).update(
        state=State.ACTIVE, verified_at=grant.asked_at
    )
    grant.refresh_from_db()
    assert fixes.of(grant) is None


@pytest.mark.parametrize("code", ["49999", "", "no number"])
def test_a_code_nobody_knows_is_no_guess(factory: Factory, code: str) -> None:
    assert fixes.of(refused(factory, code, "", ALL_SCOPES, State.FAILED)) is None


@pytest.mark.parametrize(("code", "answer", "scopes", "key"), REFUSED)
def test_a_refusal_tells_what_stands_in_the_way(
    factory: Factory, code: str, answer: str, scopes: list[str], key: str
) -> None:
    grant = refused(factory, code, answer, scopes, State.FAILED)
    assert key_of(fixes.of(grant)) == key


def test_a_limit_is_told_while_the_call_waits(factory: Factory) -> None:
    grant = refused(factory, "40100", "QPM", ALL_SCOPES, State.REQUESTING)
    assert key_of(fixes.of(grant)) == "rate_limit"


@pytest.mark.parametrize(("state", "waits_on", "observed", "key"), AS_BOOKED)
def test_the_books_tell_it(
    factory: Factory, state: str, waits_on: str, observed: str, key: str
) -> None:
    grant = factory.make_grant(
        state=state,
        waits_on=waits_on,
        observed_role=observed,
        observed_native=observed.upper(),
    )
    assert key_of(fixes.of(grant)) == key


def test_a_sandbox_is_told_last_and_of_the_center_alone(factory: Factory) -> None:
    account = factory.make_ad_account(is_sandbox=True)
    grant = factory.make_grant(asset=account, state=State.ACTIVE)
    person = factory.make_receiver(kind=Grantee.Kind.PERSON)
    persons = factory.make_grant(
        asset=account, grantee=person, via=grant, state=State.ACTIVE
    )
    assert key_of(fixes.of(grant)) == "sandbox"
    assert fixes.of(persons) is None
    grant.state = State.LOST
    assert key_of(fixes.of(grant)) == "lost"


@pytest.mark.parametrize("state", [State.MANUAL, State.DECLINED])
def test_a_person_is_told_nothing_of_a_clients_center(
    factory: Factory, state: str
) -> None:
    person = factory.make_receiver(kind=Grantee.Kind.PERSON)
    assert fixes.of(factory.make_grant(grantee=person, state=state)) is None


@pytest.mark.parametrize(
    ("state", "seen"),
    [(State.FOUND, "standard"), (State.LOST, ""), (State.DRIFTED, "admin")],
)
def test_a_seat_is_told_nothing_of_ad_accounts(
    factory: Factory, state: str, seen: str
) -> None:
    seat = factory.make_seat(
        grantee=factory.make_person(label="Jonas Lind"),
        state=state,
        asked_role="" if state == State.FOUND else "standard",
        observed_role=seen,
        waits_on=WaitsOn.ACCESS_OWNER,
    )
    assert fixes.of(seat) is None


def test_many_grants_cost_no_query_each(
    factory: Factory, django_assert_num_queries
) -> None:
    for code, answer, scopes, _ in REFUSED:
        refused(factory, code, answer, scopes, State.FAILED)
    grants = RoleGrant.objects.select_related("asset__client", "asset__center")
    with django_assert_num_queries(3):
        found = grants.select_related("grantee").prefetch_related(
            "attempts__connection"
        )
        assert all(fixes.of(grant) for grant in found)


def test_every_card_has_its_words_and_every_words_a_card() -> None:
    folder = Path(settings.BASE_DIR) / "templates/accounts/fixes"
    pages = {path.stem for path in folder.glob("*.html")} - {"card"}
    letters = {path.stem for path in folder.glob("*.txt")} - {"letter"}
    assert pages == set(CARDS)
    assert letters == {key for key, card in CARDS.items() if card.has_letter}


@pytest.mark.parametrize("key", sorted(CARDS))
def test_a_card_says_what_who_how_and_since_when_it_is_known(
    factory: Factory, key: str
) -> None:
    card = CARDS[key]
    client = factory.make_client(name="Aurora Wines")
    factory.make_contact(client=client, name="Sofia Halden", email="sofia@aurora.test")
    grant = factory.make_grant(asset=factory.make_ad_account(client=client))
    drawn = draw(factory, card, grant)
    html = drawn["html"]
    assert card.told
    assert str(card.told[0].source) in html.replace("&#x27;", "'")
    assert "<ol>" in html
    assert "<li>" in html
    assert fixes.who_acts_on(card, grant) in html
    assert ("Hello Sofia," in html) is card.has_letter
    assert ("mailto:sofia@aurora.test?subject=" in html) is card.has_letter


def test_a_client_without_a_contact_is_named(factory: Factory) -> None:
    grant = factory.make_grant()
    html = draw(factory, CARDS["not_admin"], grant)["html"]
    assert f"{grant.asset.client} has no contact who gets letters." in html
    assert "mailto:" not in html


def test_a_buyer_is_shown_no_contact(factory: Factory) -> None:
    grant = factory.make_grant()
    factory.make_contact(client=grant.asset.client, email="sofia@aurora.test")
    html = draw(factory, CARDS["not_admin"], grant, role="Media buyers")["html"]
    assert "sofia" not in html


def test_a_source_grows_old_after_ninety_days() -> None:
    seen = dt.date.today() - OLD_AFTER
    assert not Told("", "", seen).is_old
    assert Told("", "", seen - dt.timedelta(days=1)).is_old


def test_the_day_is_asked_for_anew_when_it_is_old(
    factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = factory.make_grant()
    card = CARDS["wrong_role"]
    assert "look it up again" not in draw(factory, card, grant)["html"]
    later = timezone.now() + OLD_AFTER + dt.timedelta(days=300)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "look it up again" in draw(factory, card, grant)["html"]


def draw(
    factory: Factory, card: Card, grant: RoleGrant, role: str = "Account managers"
) -> dict:
    request = RequestFactory().get("/")
    request.user = factory.make_user(role=role)
    words = {
        **fixes.words_of(grant),
        "contact_name": "Sofia",
        "click_days": "7 days",
        "view_days": "1 day",
        "counting": "every event",
    }
    who = fixes.who_acts_on(card, grant)
    return fixes.draw(card, words, request, who=who, client=grant.asset.client)
