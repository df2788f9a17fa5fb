"""Asking: what is refused, what waits for a second person, and how it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.flows import approvals
from accounts.models import Approval, Asset, Client, Event, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.public.browser import COOKIE
from accounts.trail import Actor
from onboarding.flows import booking, giving, links, requests, visits
from onboarding.models import AccessLink, AccessRequest, LinkSession, RequestItem
from tests.factory import Factory
from tests.onboarding.test_scenarios import choosable
from tests.onboarding.visitor import Visitor
from tests.simulated import Simulated, run_jobs

HAND_OUT = AccessLink.HandOut
MakeVisitor = Callable[..., Visitor]


@pytest.fixture
def manager(factory: Factory) -> User:
    return factory.make_user()


@pytest.fixture
def ask(factory: Factory, manager: User) -> Callable[..., RequestItem]:
    """Ask as staff do; every field can be named."""
    contact = factory.make_contact()
    receiver = factory.make_receiver()

    def ask_it(user: User = manager, **fields: Any) -> RequestItem:
        wish = {
            "contact": contact,
            "platform": "tiktok",
            "receiver": receiver,
            "role": Role.OPERATOR,
            "closes_at": timezone.now() + dt.timedelta(days=7),
        }
        return requests.ask(contact.client, requests.Wish(**wish | fields), user=user)

    return ask_it


Ask = Callable[..., RequestItem]
ADMIN = {"asked_role": "admin", "reason": "Pixel", "ends_on": dt.date(2100, 1, 1)}


@pytest.fixture
def admin_item(ask: Ask) -> RequestItem:
    ends_on = timezone.localdate() + dt.timedelta(days=90)
    return ask(role=Role.ADMIN, reason="Pixel set-up", ends_on=ends_on)


class TestRefused:
    def test_it_shows_the_first_of_two_open_requests(self, ask: Ask) -> None:
        first = ask()
        with pytest.raises(requests.AlreadyOpen) as caught:
            ask()
        assert caught.value.item == first
        assert AccessRequest.objects.count() == 1

    def test_it_asks_again_once_the_first_is_closed(self, ask: Ask) -> None:
        first = ask()
        requests.close(first.request, "cancelled", by=Actor.system())
        assert ask() != first

    def test_it_names_whom_to_ask_about_a_recorded_account(
        self, ask: Ask, factory: Factory
    ) -> None:
        taken = factory.make_ad_account()
        factory.make_user(name="Tomás Vega", serves=taken.client)
        with pytest.raises(booking.AlreadyRecorded, match="ask Tomás Vega") as caught:
            ask(account_ids=[taken.external_id])
        assert caught.value.asset.pk == taken.pk
        assert str(taken.client) not in str(caught.value)
        assert not AccessRequest.objects.exists()

    def test_it_books_nothing_of_the_rest_beside_a_recorded_account(
        self, ask: Ask, factory: Factory
    ) -> None:
        taken = factory.make_ad_account()
        with pytest.raises(booking.AlreadyRecorded):
            ask(account_ids=["7301846225110446081", taken.external_id])
        assert list(Asset.objects.filter(kind=Asset.Kind.AD_ACCOUNT)) == [taken]
        assert not RoleGrant.objects.exists()

    def test_it_cannot_ask_for_finance(self, ask: Ask, factory: Factory) -> None:
        assert "finance" not in dict(Role.choices())
        with pytest.raises(ValueError, match="finance"):
            Role("finance")
        with pytest.raises(IntegrityError), transaction.atomic():
            factory.make_grant(family=RoleGrant.Family.FINANCE)

    def test_it_books_no_admin_without_approval(self, factory: Factory) -> None:
        for make in (factory.make_item, factory.make_grant):
            role = "role" if make == factory.make_item else "asked_role"
            with pytest.raises(IntegrityError), transaction.atomic():
                make(**{role: "admin"})


class TestApproval:
    def decide(self, item: RequestItem, user: User, *, yes: bool = True) -> None:
        requests.decide(item, yes=yes, user=user)

    def test_it_hands_out_no_link_before_the_decision(
        self, admin_item: RequestItem
    ) -> None:
        for way in HAND_OUT:
            with pytest.raises(links.NotCleared):
                links.hand_out(admin_item.request, way, by=Actor.system())
        with pytest.raises(links.NotCleared):
            links.mail(
                admin_item.request, admin_item.request.contact, by=Actor.system()
            )
        assert not AccessLink.objects.exists()

    def test_it_is_not_decided_by_whoever_asked(self, ask: Ask, owner: User) -> None:
        item = ask(
            user=owner, role=Role.ADMIN, reason="x", ends_on=timezone.localdate()
        )
        with pytest.raises(approvals.CannotDecide, match="another access owner"):
            self.decide(item, owner)
        with pytest.raises(IntegrityError), transaction.atomic():
            Approval.objects.update(
                decided_by=owner, decided_at=timezone.now(), decision="approved"
            )

    def test_it_is_decided_by_an_access_owner_only(
        self, admin_item: RequestItem, factory: Factory
    ) -> None:
        with pytest.raises(approvals.CannotDecide, match="Only an access owner"):
            self.decide(admin_item, factory.make_user())
        assert not requests.is_cleared(admin_item)

    def test_it_clears_exactly_what_was_approved(
        self, admin_item: RequestItem, owner: User
    ) -> None:
        self.decide(admin_item, owner)
        admin_item = RequestItem.objects.get(pk=admin_item.pk)
        assert requests.is_cleared(admin_item)
        links.hand_out(admin_item.request, HAND_OUT.COPY, by=Actor.system())
        with pytest.raises(approvals.CannotDecide, match="decided already"):
            self.decide(admin_item, owner)

    def test_it_closes_what_was_refused(
        self, admin_item: RequestItem, owner: User
    ) -> None:
        self.decide(admin_item, owner, yes=False)
        admin_item.request.refresh_from_db()
        assert admin_item.request.closed_because == "cancelled"

    def test_nothing_that_was_lost_is_wanted_as_admin_before_the_yes(
        self, ask: Ask, factory: Factory, owner: User
    ) -> None:
        """A read may show it again at any time, and would turn it green."""
        first = ask(account_ids=["7301846225110446081"])
        requests.close(first.request, "cancelled", by=Actor.system())
        RoleGrant.objects.update(state=RoleGrant.State.LOST)
        ends_on = timezone.localdate() + dt.timedelta(days=90)
        item = ask(
            role=Role.ADMIN,
            reason="Pixel set-up",
            ends_on=ends_on,
            account_ids=["7301846225110446081"],
        )
        grant = RoleGrant.objects.get()
        assert (grant.state, grant.asked_role, grant.approval) == (
            "lost",
            "operator",
            None,
        )
        requests.decide(item, yes=True, user=owner)
        booking.draft_grant(
            item, grant.asset, source=RoleGrant.Source.LINK, by=Actor.system()
        )
        grant.refresh_from_db()
        assert (grant.asked_role, grant.approval) == ("admin", item.approval)

    @pytest.mark.parametrize(
        ("yes", "state"),
        [(False, RoleGrant.State.DRIFTED), (True, RoleGrant.State.UNVERIFIED)],
    )
    def test_a_yes_alone_has_what_was_given_before_it_read_again(
        self,
        admin_item: RequestItem,
        factory: Factory,
        owner: User,
        yes: bool,
        state: str,
    ) -> None:
        given = factory.make_grant(
            asset=factory.make_ad_account(client=admin_item.client),
            state=RoleGrant.State.DRIFTED,
            observed_role="admin",
            observed_native="ADMIN",
            **ADMIN | {"approval": admin_item.approval},
        )
        requests.decide(admin_item, yes=yes, user=owner)
        given.refresh_from_db()
        assert given.state == state
        assert (given.next_check_at is not None) == yes

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("reason", "Something else"),
            ("ends_on", dt.date(2031, 1, 1)),
            ("account_ids", ["7301846225110446081"]),
        ],
    )
    def test_it_is_void_after_any_edit(
        self, admin_item: RequestItem, owner: User, field: str, value: Any
    ) -> None:
        setattr(admin_item, field, value)
        admin_item.save()
        self.decide(admin_item, owner)
        admin_item.approval.refresh_from_db()
        assert admin_item.approval.decision == Approval.Decision.VOID
        assert not requests.is_cleared(admin_item)
        with pytest.raises(links.NotCleared):
            links.hand_out(admin_item.request, HAND_OUT.COPY, by=Actor.system())

    def test_it_ends_links_that_are_out_when_it_is_edited(
        self, admin_item: RequestItem, owner: User, tiktok: Simulated
    ) -> None:
        self.decide(admin_item, owner)
        handed = links.hand_out(
            AccessRequest.objects.get(), HAND_OUT.COPY, by=Actor.system()
        )
        browser = Visitor(tiktok, admin_item, handed.url.split("/")[-2])
        assert browser.open().status_code == 200
        RequestItem.objects.update(reason="Something else")
        assert browser.open().status_code == 404
        started = browser.browser.post(f"/l/{browser.token}/start/{admin_item.pk}/")
        assert started.status_code == 404
        assert not LinkSession.objects.exists()


class TestClosing:
    def test_it_purges_what_was_not_ticked_and_ends_what_waits(
        self, visitor: MakeVisitor
    ) -> None:
        browser = visitor("dana")
        browser.sign_in_and_back()
        browser.share(choosable(browser.session)[0])
        run_jobs()
        browser.browser.post(browser.visit_url + "again/")
        browser.come_back(browser.sign_in())
        run_jobs()
        assert browser.session.candidates
        requests.close(browser.item.request, "expired", by=Actor.system())
        assert browser.session.candidates == []
        assert RoleGrant.objects.get().state == RoleGrant.State.EXPIRED
        assert browser.open()["Location"] == browser.visit_url
        assert "Expired" in browser.look().text

    def test_it_shares_nothing_for_a_request_closed_meanwhile(
        self, visitor: MakeVisitor, tiktok: Simulated
    ) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        session = visits.visit_of(
            browser.session.pk, browser=browser.browser.cookies[COOKIE].value
        )
        ids = choosable(browser.session)
        requests.close(browser.item.request, "cancelled", by=Actor.system())
        with pytest.raises(visits.VisitIsOver):
            giving.share(session, ids)
        assert browser.share(*ids).status_code == 404
        assert not RoleGrant.objects.exists()

    def test_it_keeps_nothing_read_after_the_close(self, visitor: MakeVisitor) -> None:
        browser = visitor("sofia")
        browser.start()
        browser.come_back(browser.sign_in())
        requests.close(browser.item.request, "cancelled", by=Actor.system())
        run_jobs()
        assert browser.session.candidates == []

    def test_it_leaves_what_was_read_back(self, visitor: MakeVisitor) -> None:
        browser = visitor("sofia")
        browser.sign_in_and_back()
        browser.share(choosable(browser.session)[0])
        run_jobs()
        assert RoleGrant.objects.get().state == RoleGrant.State.ACTIVE
        AccessRequest.objects.update(closed_at=None, closed_because="")
        requests.close(AccessRequest.objects.get(), "expired", by=Actor.system())
        assert RoleGrant.objects.get().state == RoleGrant.State.ACTIVE

    def test_it_closes_past_its_date(self, ask: Ask) -> None:
        item = ask()
        later = item.request.closes_at + dt.timedelta(seconds=1)
        assert requests.close_overdue(timezone.now()) == 0
        assert requests.close_overdue(later) == 1
        item.refresh_from_db()
        assert not item.is_open

    def test_it_moves_the_client_on(self, ask: Ask) -> None:
        assert ask().client.status == Client.Status.ONBOARDING


def test_it_drafts_a_grant_for_every_named_account(ask: Ask) -> None:
    item = ask(account_ids=["7301846225110446081", "7318820417735294978"])
    assert item.item_grants.count() == 2
    assert set(RoleGrant.objects.values_list("state", flat=True)) == {"draft"}


def test_it_takes_a_named_account_that_was_booked_for_nobody(
    ask: Ask, factory: Factory
) -> None:
    asset = factory.make_ad_account(client=None, owner=Asset.Owner.UNKNOWN)
    item = ask(account_ids=[asset.external_id])
    asset.refresh_from_db()
    assert (asset.client, asset.owner) == (item.client, Asset.Owner.CLIENT)
    assert item.item_grants.get().grant.asset == asset


class TestAdminUntil:
    def test_it_is_cleared_until_its_last_day_alone(self, factory: Factory) -> None:
        today = timezone.localdate()
        item = factory.make_item(
            role="admin",
            reason="Billing",
            ends_on=today,
            approval=factory.make_approval(),
        )
        item.approval.digest = approvals.digest_of(requests.what_is_asked(item))
        item.approval.decision = "approved"
        assert requests.is_cleared(item)
        item.ends_on = today - dt.timedelta(days=1)
        item.approval.digest = approvals.digest_of(requests.what_is_asked(item))
        assert not requests.is_cleared(item)

    def test_it_stays_approved_when_our_center_is_renamed(
        self, factory: Factory
    ) -> None:
        item = factory.make_item()
        before = approvals.digest_of(requests.what_is_asked(item))
        item.receiver.label = "Another name"
        assert approvals.digest_of(requests.what_is_asked(item)) == before


class TestWhoseAccount:
    @pytest.mark.parametrize("owner", ["agency", "third_party", "unknown"])
    def test_a_typed_id_claims_nothing_that_is_booked(
        self, factory: Factory, owner: str
    ) -> None:
        known = factory.make_ad_account(client=None, owner=owner)
        item = factory.make_item()
        with pytest.raises(booking.AlreadyRecorded), transaction.atomic():
            booking.book_accounts(item, [known.external_id], by=Actor.system())
        known.refresh_from_db()
        assert (known.client, known.owner) == (None, owner)

    def test_a_request_claims_nothing_that_is_held(
        self, ask: Ask, factory: Factory
    ) -> None:
        """What was found is nobody's until an access owner says whose it is."""
        held = factory.make_ad_account(client=None, owner="unknown")
        factory.make_grant(asset=held, state=RoleGrant.State.FOUND)
        with pytest.raises(booking.AlreadyRecorded, match="ask an access owner"):
            ask(account_ids=[held.external_id])
        held.refresh_from_db()
        assert held.is_nobodys

    def test_a_request_of_an_access_owner_claims_it(
        self, ask: Ask, factory: Factory, owner: User
    ) -> None:
        held = factory.make_ad_account(client=None, owner="unknown")
        factory.make_grant(asset=held, state=RoleGrant.State.FOUND)
        item = ask(user=owner, account_ids=[held.external_id])
        held.refresh_from_db()
        assert held.client == item.client
        claimed = Event.objects.get(action="asset.claimed")
        assert claimed.client_key == str(item.client_id)

    def test_a_tick_claims_nothing_of_ours(self, factory: Factory) -> None:
        ours = factory.make_ad_account(client=None, owner="agency")
        with pytest.raises(booking.AlreadyRecorded), transaction.atomic():
            booking.book_accounts(
                factory.make_item(),
                [ours.external_id],
                by=Actor.system(),
                is_proved=True,
            )
