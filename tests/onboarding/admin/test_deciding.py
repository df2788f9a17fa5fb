"""Who decides about Admin roles and held logins, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from accounts.models import Approval, Client, Consent, User
from accounts.roles import ACCESS_OWNERS
from onboarding.models import AccessLink, AccessRequest
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

pytestmark = pytest.mark.long

Asked = Callable[[], AccessRequest]


def decide(browser: HttpsClient, asked: AccessRequest, **changes: str):
    """Read the page, then press a button on it."""
    url = reverse("admin:onboarding_decide", args=[asked.pk])
    digest = browser.get(url).context["digest"]
    data = {"digest": digest, "decision": "approve", "note": "", **changes}
    return browser.post(url, data, follow=True)


def decision_of(asked: AccessRequest) -> str:
    return Approval.objects.get(pk=asked.items.get().approval_id).decision


def test_it_refuses_who_is_no_access_owner(ask_for_admin: Asked, desk) -> None:
    asked = ask_for_admin()
    assert "Only an access owner decides this." in decide(desk, asked).text
    assert decision_of(asked) == Approval.Decision.WAITING


def test_it_refuses_the_access_owner_who_asked(
    ask_for_admin: Asked, mira: User, factory: Factory
) -> None:
    asked = ask_for_admin()
    mira.groups.set(factory.make_user(role=ACCESS_OWNERS).groups.all())
    page = decide(browser_of(mira), asked)
    assert "You asked for this, so another access owner decides." in page.text
    assert decision_of(asked) == Approval.Decision.WAITING


def test_it_refuses_a_stale_digest(ask_for_admin: Asked, priya: User) -> None:
    asked = ask_for_admin()
    browser = browser_of(priya)
    url = reverse("admin:onboarding_decide", args=[asked.pk])
    digest = browser.get(url).context["digest"]
    asked.items.update(reason="Something else")
    page = decide(browser, asked, digest=digest)
    assert "What is asked has changed. Read it again." in page.text
    assert decision_of(asked) == Approval.Decision.WAITING


def test_an_edit_voids_a_yes_that_was_given(
    ask_for_admin: Asked, priya: User, desk: HttpsClient
) -> None:
    asked = ask_for_admin()
    decide(browser_of(priya), asked)
    asked.items.update(ends_on="2099-01-01")
    desk.post(reverse("admin:onboarding_hand_out", args=[asked.pk]))
    assert not AccessLink.objects.exists()


def test_it_says_that_a_yes_to_something_else_is_void(
    ask_for_admin: Asked, priya: User
) -> None:
    asked = ask_for_admin()
    asked.items.update(reason="Something else")
    page = decide(browser_of(priya), asked)
    assert "What was asked has changed since, so nothing is approved" in page.text
    assert decision_of(asked) == Approval.Decision.VOID


@pytest.mark.parametrize(("who", "is_offered"), [("mira", False), ("priya", True)])
def test_the_decision_is_offered_to_those_who_may_make_it(
    ask_for_admin: Asked, request, who: str, is_offered: bool
) -> None:
    asked = ask_for_admin()
    page = reverse("admin:onboarding_accessrequest_change", args=[asked.pk])
    url = reverse("admin:onboarding_decide", args=[asked.pk])
    browser = browser_of(request.getfixturevalue(who))
    assert (url in browser.get(page).text) is is_offered


def test_it_decides_once(ask_for_admin: Asked, priya: User) -> None:
    asked = ask_for_admin()
    browser = browser_of(priya)
    decide(browser, asked)
    page = decide(browser, asked, decision="refuse")
    assert "This was decided already." in page.text
    assert decision_of(asked) == Approval.Decision.APPROVED


def test_a_request_without_an_admin_role_has_nothing_to_decide(ask, priya) -> None:
    ask()
    asked = AccessRequest.objects.get()
    url = reverse("admin:onboarding_decide", args=[asked.pk])
    assert browser_of(priya).get(url).status_code == 404


def test_it_approves_exactly_what_was_read(
    ask_for_admin: Asked, priya: User, desk: HttpsClient
) -> None:
    asked = ask_for_admin()
    assert "Approved." in decide(browser_of(priya), asked, note="Until May").text
    assert decision_of(asked) == Approval.Decision.APPROVED
    url = reverse("admin:onboarding_hand_out", args=[asked.pk])
    assert "https://portal.example/l/" in desk.post(url).text


def test_a_refusal_closes_the_request(ask_for_admin: Asked, priya: User) -> None:
    asked = ask_for_admin()
    decide(browser_of(priya), asked, decision="refuse")
    asked.refresh_from_db()
    assert decision_of(asked) == Approval.Decision.REFUSED
    assert asked.closed_at


@pytest.fixture
def held(factory: Factory, aurora: Client) -> Consent:
    return factory.make_consent(
        client=aurora, state=Consent.State.HELD, held_because="Serves another client."
    )


def test_a_held_login_is_released_by_an_access_owner_only(
    held: Consent, desk: HttpsClient, noa: User
) -> None:
    url = reverse("admin:onboarding_release", args=[held.pk])
    assert desk.post(url).status_code == 403
    assert browser_of(noa).post(url).status_code == 403
    held.refresh_from_db()
    assert held.state == Consent.State.HELD


def test_a_held_login_of_a_stranger_is_not_known(desk, factory: Factory) -> None:
    theirs = factory.make_consent(state=Consent.State.HELD)
    url = reverse("admin:onboarding_release", args=[theirs.pk])
    assert desk.post(url).status_code == 404


def test_reading_releases_nothing(held: Consent, priya: User) -> None:
    browser_of(priya).get(reverse("admin:onboarding_release", args=[held.pk]))
    held.refresh_from_db()
    assert held.state == Consent.State.HELD


def test_an_access_owner_releases_it(held: Consent, priya: User) -> None:
    url = reverse("admin:onboarding_release", args=[held.pk])
    page = browser_of(priya).post(url, follow=True)
    held.refresh_from_db()
    assert held.state == Consent.State.GIVEN
    assert "may serve Aurora Wines too." in page.text
