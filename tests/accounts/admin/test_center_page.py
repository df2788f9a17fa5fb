"""The page of a center of ours: who sits there, its partners, and what is done."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.flows import practices
from accounts.models import (
    Asset,
    CenterSync,
    Connection,
    Event,
    Grantee,
    Member,
    RoleGrant,
    User,
)
from accounts.roles import ACCESS_OWNERS
from tests import simulated
from tests.accounts.admin.conftest import browser_of
from tests.accounts.flows.reading import sync_all
from tests.base import HttpsClient
from tests.factory import Factory
from tests.simulated import Simulated, run_jobs
from tests.website import Website

pytestmark = pytest.mark.long

running = simulated.running
tiktok = simulated.tiktok
owner = simulated.owner
our_side = simulated.our_side

State = RoleGrant.State
DELETE = "bc/partner/delete/"
WHY = "Joins the team"


@pytest.fixture(autouse=True)
def no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.flows.proof.time.sleep", lambda seconds: None)


@pytest.fixture
def center(our_side: Connection, tiktok: Simulated) -> Asset:
    """Our main center and whoever sits there, with one partner nobody knows."""
    Website(tiktok).add_partner("Stranger", 2)
    sync_all()
    return Asset.objects.get(name="Northlight Agency")


@pytest.fixture
def browser(owner: User) -> HttpsClient:
    return browser_of(owner)


def seat_of(name: str) -> RoleGrant:
    return RoleGrant.objects.get(
        asset__name="Northlight Agency", family="seat", grantee__label=name
    )


def at(name: str, *keys: Any) -> str:
    return reverse(f"admin:accounts_{name}", args=[str(key) for key in keys])


def page_of(center: Asset) -> str:
    return at("businesscenter_change", center.pk)


def text_of(browser: HttpsClient, url: str) -> str:
    return browser.get(url).content.decode()


# Refused ------------------------------------------------------------------------------


def test_a_manager_changes_nothing_there(
    center: Asset, factory: Factory, tiktok: Simulated
) -> None:
    browser, seat = browser_of(factory.make_user()), seat_of("Jonas Lind")
    assert browser.get(page_of(center)).status_code == 404
    for url in (
        at("invite", center.pk),
        *(at(n, seat.pk) for n in ("seat", "finance", "seat_remove", "two_step")),
    ):
        assert browser.post(url, {"reason": WHY, "sure": "yes"}).status_code == 403


def test_an_auditor_looks_and_has_no_buttons(center: Asset, noa: User) -> None:
    text = text_of(browser_of(noa), page_of(center))
    assert "Jonas Lind" in text
    assert "Stranger" in text
    for word in ("Invite a member", ">Remove<", "I saw it", "End the partnership"):
        assert word not in text


@pytest.mark.parametrize(
    ("filled", "why"),
    [
        ({}, "Choose one of our people"),
        ({"name": "Ads", "email": "ads@northlight.example"}, "shared mailbox"),
        ({"name": "Jo", "email": "jo@elsewhere.example"}, "STAFF_EMAIL_DOMAINS"),
        ({"name": "Jonas", "email": "Jonas@northlight.example"}, "sits in Northlight"),
        ({"name": "N", "email": "n@northlight.example", "role": "admin"}, "last day"),
        ({"name": "N", "email": "n@northlight.example", "reason": ""}, "required"),
    ],
)
def test_what_is_filled_in_wrong_is_said_beside_it(
    center: Asset, browser: HttpsClient, settings: Any, filled: Any, why: str
) -> None:
    settings.STAFF_EMAIL_DOMAINS = ("northlight.example",)
    form = {"role": "standard", "reason": WHY, "sure": "yes", **filled}
    page = browser.post(at("invite", center.pk), form)
    assert page.status_code == 400
    assert why in page.content.decode()
    assert not Event.objects.filter(action__in=("grant.asked", "member.added")).exists()
    assert not Member.objects.filter(name__in=("N", "Jo")).exists()


def test_the_form_says_that_any_address_passes_until_domains_are_set(
    center: Asset, browser: HttpsClient, settings: Any
) -> None:
    settings.STAFF_EMAIL_DOMAINS = ()
    assert "STAFF_EMAIL_DOMAINS=agency" in text_of(browser, at("invite", center.pk))
    settings.STAFF_EMAIL_DOMAINS = ("northlight.example",)
    assert "STAFF_EMAIL_DOMAINS" not in text_of(browser, at("invite", center.pk))


# Seats --------------------------------------------------------------------------------


def test_who_sits_there_is_found_with_role_address_and_what_nobody_saw(
    center: Asset, browser: HttpsClient
) -> None:
    text = text_of(browser, page_of(center))
    for word in ("Priya Raman", "jonas@", "Standard", "Two-step sign-in never seen"):
        assert word in text
    assert "2 admins without a two-step attestation" in text
    assert Member.objects.filter(email="jonas@northlight.example").exists()


def test_somebody_new_is_invited_after_a_preview(
    center: Asset, browser: HttpsClient, tiktok: Simulated
) -> None:
    form = {"name": "Nora Vik", "email": "nora@northlight.example"}
    form |= {"role": "standard", "reason": WHY}
    preview = browser.post(at("invite", center.pk), form)
    assert "The platform mails an invitation" in preview.content.decode()
    assert not Member.objects.filter(name="Nora Vik").exists()
    browser.post(at("invite", center.pk), {**form, "sure": "yes"})
    run_jobs()
    assert "Nora Vik" in text_of(browser, page_of(center))
    assert seat_of("Nora Vik").state == State.PENDING
    assert Event.objects.filter(action="member.added").count() == 1


def test_an_invited_member_comes_chosen(center: Asset, browser: HttpsClient) -> None:
    nora = Member.objects.create(name="Nora Vik", email="nora@northlight.example")
    text = text_of(browser, f"{at('invite', center.pk)}?member={nora.pk}")
    assert f'value="{nora.pk}" selected' in text


def test_a_found_seat_is_adopted_as_it_is_held(
    center: Asset, browser: HttpsClient
) -> None:
    seat = seat_of("Jonas Lind")
    url = at("adopt")
    text = text_of(browser, f"{url}?grants={seat.pk}")
    assert "As it is held" in text
    assert "Operator" not in text
    form = {"grants": str(seat.pk), "role": "held", "reason": WHY}
    digest = browser.post(url, form).context["form"].initial["digest"]
    browser.post(url, {**form, "digest": digest, "sure": "yes"})
    run_jobs()
    assert seat_of("Jonas Lind").is_fresh


def test_the_preview_of_a_removal_names_what_goes_along(
    center: Asset, browser: HttpsClient, tiktok: Simulated
) -> None:
    site = Website(tiktok)
    site.put_on(site.world.shares[-1].asset_id, "jonas")
    sync_all()
    url = at("seat_remove", seat_of("Jonas Lind").pk)
    assert "Stranger 0002, Operator" in text_of(browser, url)
    browser.post(url, {"reason": WHY})
    run_jobs()
    assert seat_of("Jonas Lind").state == State.WITHDRAWN


def test_the_holder_of_our_last_key_stays_and_the_page_says_why(
    center: Asset, browser: HttpsClient
) -> None:
    url = at("seat_remove", seat_of("Priya Raman").pk)
    page = browser.post(url, {"reason": WHY}, follow=True)
    assert "the only key of ours" in page.content.decode()
    assert seat_of("Priya Raman").state == State.FOUND


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (State.FOUND, {"finance", "seat_remove"}),
        (State.DRIFTED, {"seat", "finance", "seat_remove"}),
        (State.REQUESTING, {"seat_remove"}),
        (State.LOST, {"seat_remove"}),
        (State.WITHDRAWING, set()),
    ],
)
def test_both_pages_offer_what_can_be_done(
    owners_desk: HttpsClient, factory: Factory, state: str, offered: set[str]
) -> None:
    center = factory.make_receiver().center
    native = "STANDARD" if state in RoleGrant.HELD else ""
    seat = factory.make_seat(asset=center, state=state, observed_native=native)
    pages = (page_of(center), at("rolegrant_change", seat.pk))
    texts = [text_of(owners_desk, url) for url in pages]
    for name in ("seat", "finance", "seat_remove"):
        url = at(name, seat.pk)
        assert [url in text for text in texts] == [name in offered] * 2
        assert (owners_desk.get(url).status_code == 200) == (name in offered)
    removal = owners_desk.get(at("seat_remove", seat.pk))
    is_nowhere = state in (State.REQUESTING, State.LOST)
    assert (b"over at once" in removal.content) == is_nowhere


def test_two_steps_are_attested_and_due_again_after_ninety_days(
    center: Asset, browser: HttpsClient, owner: User
) -> None:
    url, today = at("two_step", seat_of("Mira Okafor").pk), timezone.localdate()
    tomorrow = today + dt.timedelta(days=1)
    refused = browser.post(url, {"seen_on": tomorrow.isoformat()})
    assert "It was seen then" in refused.content.decode() or refused.status_code == 200
    assert practices.unattested().filter(asset=center).count() == 2
    browser.post(url, {"seen_on": today.isoformat()})
    assert practices.unattested().filter(asset=center).count() == 1
    Member.objects.update(two_step_attested_on=today - dt.timedelta(days=91))
    assert practices.unattested().filter(asset=center).count() == 2


def test_nobody_attests_their_own(
    center: Asset, browser: HttpsClient, owner: User
) -> None:
    Member.objects.filter(name="Priya Raman").update(user=owner)
    url, today = at("two_step", seat_of("Priya Raman").pk), timezone.localdate()
    page = browser.post(url, {"seen_on": today.isoformat()}, follow=True)
    assert "Another access owner looks at it with you" in page.text
    assert practices.unattested().filter(asset=center).count() == 2


# Partners -----------------------------------------------------------------------------


def stranger() -> Asset:
    return Asset.objects.get(name="Stranger", kind="center")


def test_an_unknown_partner_stands_out_until_somebody_says_whose_it_is(
    center: Asset, browser: HttpsClient
) -> None:
    text = text_of(browser, page_of(center))
    assert "1 unknown" in text
    assert "Shares 2 accounts with us" in text
    url = at("businesscenter_change", stranger().pk)
    data = {"name": "Stranger", "owner": "third_party", "client": ""}
    browser.post(url, {**data, "owning_email": ""})
    holder = Grantee.objects.get(external_id=stranger().external_id)
    assert holder.standing == Grantee.Standing.KNOWN_PARTNER
    assert "1 unknown" not in text_of(browser, page_of(center))
    end = browser.get(at("end_partner", center.pk, stranger().pk), follow=True)
    assert "A partnership that is known ends with its shares" in end.content.decode()


class TestSayingWhoseItIs:
    @pytest.fixture
    def url(self, center: Asset) -> str:
        return at("whose", stranger().pk)

    def test_an_auditor_does_not(self, url: str, noa: User) -> None:
        assert browser_of(noa).get(url).status_code == 403

    def test_it_shows_what_the_center_shares(
        self, url: str, browser: HttpsClient, center: Asset
    ) -> None:
        assert url in text_of(browser, page_of(center))
        text = text_of(browser, url)
        assert stranger().external_id in text
        assert "Stranger 0002" in text

    def test_its_own_page_shows_them_and_asks_nobody_to_connect_it(
        self, url: str, browser: HttpsClient
    ) -> None:
        text = text_of(browser, page_of(stranger()))
        assert url in text
        assert "Stranger 0002" in text
        assert "An access owner connects this" not in text

    def test_it_wants_a_client(self, url: str, browser: HttpsClient) -> None:
        assert browser.post(url, {"client": ""}).status_code == 400
        assert stranger().owner == Asset.Owner.UNKNOWN

    def test_the_center_and_what_was_nobodys_are_the_clients(
        self, url: str, browser: HttpsClient, factory: Factory
    ) -> None:
        client = factory.make_client(name="Stranger & Sons")
        browser.post(url, {"client": str(client.pk)})
        assert stranger().client == client
        assert stranger().as_grantee.standing == Grantee.Standing.CLIENT
        found = RoleGrant.objects.get(asset__name="Stranger 0001")
        assert found.asset.client == client
        assert found.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER

    def test_what_somebody_has_said_stays(
        self, url: str, browser: HttpsClient, factory: Factory
    ) -> None:
        first = factory.make_client()
        Asset.objects.filter(pk=stranger().pk).update(client=first, owner="client")
        page = browser.post(url, {"client": str(factory.make_client().pk)}, follow=True)
        assert "Under Edit that can be changed" in page.text
        assert stranger().client == first


class TestEndingAPartnership:
    @pytest.fixture
    def url(self, center: Asset) -> str:
        return at("end_partner", center.pk, stranger().pk)

    def end(self, browser: HttpsClient, url: str) -> Any:
        digest = browser.post(url).context["form"].initial["digest"]
        page = browser.post(url, {"reason": WHY, "digest": digest}, follow=True)
        run_jobs()
        return page

    def test_both_directions_are_named_first(
        self, url: str, browser: HttpsClient
    ) -> None:
        assert "Stranger 0001" not in text_of(browser, url)  # nothing is read yet
        text = browser.post(url).content.decode()
        assert re.search(r"Stranger 0001, \d+<br>", text)
        assert "Nothing, read just now." in text

    def test_it_names_the_client_who_leads_it_and_our_people_on_it(
        self, url: str, browser: HttpsClient, factory: Factory, tiktok: Simulated
    ) -> None:
        client = factory.make_client(name="Stranger & Sons")
        factory.make_user(name="Mira Okafor", serves=client)
        site = Website(tiktok)
        site.put_on(site.world.shares[-1].asset_id, "jonas")
        sync_all()
        account = Asset.objects.get(name="Stranger 0002")
        Asset.objects.filter(pk=account.pk).update(client=client, owner="client")
        text = html.unescape(browser.post(url).text)
        assert "Led by Mira Okafor" in text
        assert "Stranger & Sons. On it: Jonas Lind." in text
        assert "No client's. On it: none of our people." in text

    def test_it_is_under_way_until_no_list_shows_it(
        self, url: str, browser: HttpsClient, center: Asset
    ) -> None:
        digest = browser.post(url).context["form"].initial["digest"]
        browser.post(url, {"reason": WHY, "digest": digest})
        text = text_of(browser, page_of(center))
        assert "Ending" in text
        assert "It is over when Northlight Agency no longer lists it." in text
        assert url not in text
        run_jobs()
        assert "Ending" not in text_of(browser, page_of(center))

    def test_each_account_is_told_of_once(self, url: str, browser: HttpsClient) -> None:
        digest = browser.post(url).context["form"].initial["digest"]
        browser.post(url, {"reason": WHY, "digest": digest})
        grant = RoleGrant.objects.get(asset__name="Stranger 0001")
        told = Event.objects.about(grant).exclude(action="grant.found")
        assert [one.action for one in told] == ["grant.withdraw_asked"]

    def test_nothing_ends_when_more_is_shared_than_was_shown(
        self, url: str, browser: HttpsClient, tiktok: Simulated
    ) -> None:
        digest = browser.post(url).context["form"].initial["digest"]
        site = Website(tiktok)
        site.change_role(site.world.shares[-1].asset_id, "ADMIN")
        page = browser.post(url, {"reason": WHY, "digest": digest}, follow=True)
        assert "has changed since you looked" in page.content.decode()
        assert tiktok.calls(DELETE) == 0

    def test_it_is_over_when_no_list_shows_it(
        self, url: str, browser: HttpsClient, center: Asset
    ) -> None:
        self.end(browser, url)
        assert Event.objects.filter(action="partner.ended").exists()
        assert not RoleGrant.objects.live().filter(asset__center=stranger()).exists()
        sync_all()
        assert not CenterSync.objects.filter(partner_id=stranger().external_id).exists()

    def test_where_we_may_not_ask_the_page_says_who_does(
        self, url: str, browser: HttpsClient, tiktok: Simulated, center: Asset
    ) -> None:
        tiktok.control("switches", receiver_may_delete_partner=False)
        self.end(browser, url)
        assert Event.objects.filter(action="partner.stays").exists()
        row = CenterSync.objects.get(partner_id=stranger().external_id)
        assert "ends it on the website" in row.problem
        assert "ends it on the website" in text_of(browser, page_of(center))

    def test_a_read_that_fails_ends_nothing(
        self, url: str, browser: HttpsClient, tiktok: Simulated
    ) -> None:
        tiktok.control("tokens/revoke", person="priya")
        page = browser.post(url, follow=True)
        assert "could not be read, so nothing ends" in page.content.decode()


def test_whoever_asks_for_admin_does_not_decide(
    center: Asset, browser: HttpsClient, factory: Factory
) -> None:
    seat = seat_of("Jonas Lind")
    RoleGrant.objects.filter(pk=seat.pk).update(
        state=State.ACTIVE, asked_role="standard"
    )
    day = timezone.localdate() + dt.timedelta(days=30)
    form = {"role": "admin", "reason": WHY, "ends_on": day.isoformat(), "sure": "yes"}
    browser.post(at("seat", seat.pk), form)
    change = seat.changes.get()
    decide = at("decide", change.approval_id)
    digest = {"digest": browser.get(decide).context["digest"], "decision": "approve"}
    browser.post(decide, digest)
    assert seat_of("Jonas Lind").asked_role == "standard"
    joined = timezone.now() - dt.timedelta(days=30)
    other = browser_of(factory.make_user(role=ACCESS_OWNERS, date_joined=joined))
    other.post(decide, digest)
    run_jobs()
    assert seat_of("Jonas Lind").observed_role == "admin"
