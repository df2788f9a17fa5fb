"""Taking back and disconnecting: a preview that tells the truth, then the act."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.flows import disconnecting, withdrawing
from accounts.models import (
    Asset,
    Client,
    Connection,
    Consent,
    Event,
    EventPayload,
    Grantee,
    Reach,
    RoleGrant,
    User,
)
from accounts.trail import Actor
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
BY = Actor.system("test")


@pytest.fixture
def grant(factory: Factory, aurora: Client) -> RoleGrant:
    """Aurora's only account, shared with us by its own center."""
    center = factory.make_center(name="Aurora", owner="client", client=aurora)
    account = factory.make_ad_account(name="Aurora DE", client=aurora, center=center)
    receiver = factory.make_receiver(label="Northlight Agency")
    return factory.make_grant(asset=account, grantee=receiver, state=State.ACTIVE)


@pytest.fixture
def key(factory: Factory, aurora: Client, grant: RoleGrant) -> Connection:
    """A live key of Aurora's that reaches the account."""
    made = factory.make_connection(label="Sofia Marin", key_given_at=timezone.now())
    factory.make_consent(connection=made, client=aurora)
    Reach.objects.create(connection=made, asset=grant.asset, can_grant=True)
    return made


def page_of(grant: RoleGrant) -> str:
    return reverse("admin:accounts_rolegrant_change", args=[grant.pk])


def back(grant: RoleGrant) -> str:
    return reverse("admin:accounts_rolegrant_take_back", args=[grant.pk])


def put_on(factory: Factory, grant: RoleGrant, name: str) -> RoleGrant:
    person = Grantee.objects.create(
        platform="tiktok", kind=Grantee.Kind.PERSON, external_id=name, label=name
    )
    return factory.make_grant(
        asset=grant.asset, grantee=person, via=grant, state=State.ACTIVE
    )


def fresh(grant: RoleGrant) -> RoleGrant:
    return RoleGrant.objects.get(pk=grant.pk)


class TestTakingBack:
    def test_a_strangers_is_not_there(
        self, desk: HttpsClient, factory: Factory
    ) -> None:
        foreign = factory.make_grant(state=State.ACTIVE)
        assert desk.get(back(foreign)).status_code == 404
        assert desk.post(back(foreign), {"reason": "Mine."}).status_code == 404
        assert fresh(foreign).state == State.ACTIVE

    def test_those_who_only_look_are_refused(self, grant: RoleGrant, noa: User) -> None:
        assert browser_of(noa).post(back(grant), {"reason": "No."}).status_code == 403
        assert "Take back" not in browser_of(noa).get(page_of(grant)).text
        assert fresh(grant).state == State.ACTIVE

    def test_it_wants_a_reason(self, desk: HttpsClient, grant: RoleGrant) -> None:
        page = desk.post(back(grant), {"reason": " "})
        assert page.status_code == 200
        assert fresh(grant).state == State.ACTIVE

    def test_what_is_not_held_is_not_offered(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        RoleGrant.objects.filter(pk=grant.pk).update(state=State.LOST)
        assert "Take back" not in desk.get(page_of(grant)).text
        page = desk.post(back(grant), {"reason": "Over."}, follow=True)
        assert "nothing to take back" in page.text
        assert fresh(grant).state == State.LOST

    def test_the_preview_changes_nothing(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        assert desk.get(back(grant)).status_code == 200
        assert fresh(grant).state == State.ACTIVE

    def test_what_was_given_upon_our_request_is_no_partners_share(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        RoleGrant.objects.filter(pk=grant.pk).update(source="method_a")
        page = desk.get(back(grant)).text
        assert "by approving our request" in page
        assert "ends_partner" not in page
        assert "Other shares" not in page

    def test_it_says_whose_key_ends_the_share(
        self, desk: HttpsClient, grant: RoleGrant, key: Connection
    ) -> None:
        page = desk.get(back(grant)).text
        assert (
            "With the key of Sofia Marin: TikTok is asked to stop sharing it." in page
        )

    def test_it_says_what_happens_without_a_key(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        page = desk.get(back(grant)).text
        assert "No key of Aurora Wines reaches it. Our people are taken off now" in page

    def test_it_says_so_of_an_account_that_is_nobodys(
        self, owners_desk: HttpsClient, grant: RoleGrant
    ) -> None:
        Asset.objects.filter(pk=grant.asset_id).update(client=None, owner="unknown")
        page = owners_desk.get(back(grant)).text
        assert "No key of its owner reaches it." in page
        assert "nobody yet; Aurora owns it" in page
        RoleGrant.objects.filter(pk=grant.pk).update(
            state=State.WITHDRAWING, waits_on=WaitsOn.CLIENT
        )
        page = owners_desk.get(page_of(grant)).text
        assert "<li>Its owner signs in to Business Center Aurora" in page
        assert "Under Partners, its owner opens" in page

    def test_it_names_who_loses_it(
        self, desk: HttpsClient, grant: RoleGrant, factory: Factory
    ) -> None:
        for name in ("Jonas", "Lena"):
            put_on(factory, grant, name)
        page = desk.get(back(grant)).text
        assert "Jonas, Lena" in page

    def test_it_offers_the_partnership_with_the_last_share_only(
        self, desk: HttpsClient, grant: RoleGrant, factory: Factory, key: Connection
    ) -> None:
        assert "Also end the partnership" in desk.get(back(grant)).text
        second = factory.make_ad_account(
            client=grant.asset.client, center=grant.asset.center
        )
        factory.make_grant(asset=second, grantee=grant.grantee, state=State.ACTIVE)
        page = desk.get(back(grant)).text
        assert "Also end the partnership" not in page
        assert "goes on sharing others with us" in page
        desk.post(back(grant), {"reason": "Over.", "ends_partner": "on"})
        assert not fresh(grant).ends_partner

    def test_it_says_what_is_unconfirmed_of_ending_it_ourselves(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        page = desk.get(back(grant)).text
        assert "Our own key asks for it" in page
        assert "is not confirmed" in page

    def test_it_begins_with_a_reason_and_a_task(
        self, desk: HttpsClient, grant: RoleGrant, mira: User
    ) -> None:
        page = desk.post(
            back(grant),
            {"reason": "The campaign ended.", "ends_partner": "on"},
            follow=True,
        )
        assert "On its way down." in page.text
        begun = fresh(grant)
        assert (begun.state, begun.ends_partner) == (State.WITHDRAWING, True)
        event = Event.objects.get(action="grant.withdraw_asked")
        assert "The campaign ended." in EventPayload.objects.get(pk=event.pk).body
        assert event.actor_key == str(mira.pk)

    def test_one_person_is_taken_off_alone(
        self, desk: HttpsClient, grant: RoleGrant, factory: Factory
    ) -> None:
        jonas = put_on(factory, grant, "Jonas")
        page = desk.get(back(jonas)).text
        assert "Northlight Agency takes Jonas off it" in page
        assert "partnership" not in page
        desk.post(back(jonas), {"reason": "Left the team."})
        assert fresh(jonas).state == State.WITHDRAWING
        assert fresh(grant).state == State.ACTIVE


class TestWhatTheClientEnds:
    @pytest.fixture
    def asked(self, grant: RoleGrant) -> RoleGrant:
        from accounts.flows import unassigning

        withdrawing.withdraw(grant, reason="Over.", by=BY)
        unassigning.ask_client(grant, by=BY)
        return grant

    def test_nobody_is_asked_before(self, desk: HttpsClient, grant: RoleGrant) -> None:
        withdrawing.withdraw(grant, reason="Over.", by=BY)
        page = desk.get(page_of(grant)).text
        assert "The client ends it" not in page
        assert "Removing" in page

    def test_the_desk_shows_the_steps_and_a_letter(
        self, desk: HttpsClient, asked: RoleGrant
    ) -> None:
        page = desk.get(page_of(asked)).text
        assert "The client ends it" in page
        assert f"Under Partners, Aurora Wines opens {asked.grantee}" in page
        for name in (asked.asset, asked.grantee, asked.asset.center):
            assert name.external_id in page
        assert "ask you to stop sharing it with us" in page
        assert "Read back now" in page

    def test_what_it_gave_upon_our_request_it_ends_where_it_approved_that(
        self, desk: HttpsClient, asked: RoleGrant
    ) -> None:
        RoleGrant.objects.filter(pk=asked.pk).update(source="method_a")
        page = desk.get(page_of(asked)).text
        assert "Where it approved our request, Aurora Wines ends the access" in page
        assert "Where you approved our request, end the access" in page
        assert "Under Partners, " not in page

    def test_it_is_over_when_it_is_gone(
        self, desk: HttpsClient, asked: RoleGrant
    ) -> None:
        withdrawing.book_gone(asked, by=BY)
        page = desk.get(page_of(asked)).text
        assert "The client ends it" not in page
        assert "Removed" in page


class TestDisconnecting:
    @pytest.fixture
    def given(self, key: Connection) -> Consent:
        return key.consents.get()

    def end(self, consent: Consent) -> str:
        return reverse("admin:accounts_disconnect", args=[consent.pk])

    def keep(self, consent: Consent) -> str:
        return reverse("admin:accounts_keep_connected", args=[consent.pk])

    def desk_of(self, consent: Consent) -> str:
        return reverse("admin:accounts_connection_change", args=[consent.connection_id])

    def test_a_strangers_is_not_there(
        self, desk: HttpsClient, factory: Factory
    ) -> None:
        foreign = factory.make_consent()
        assert desk.post(self.end(foreign)).status_code == 404
        assert desk.post(self.keep(foreign)).status_code == 404
        foreign.refresh_from_db()
        assert foreign.end_asked_at is None

    def test_those_who_only_look_are_refused(self, given: Consent, noa: User) -> None:
        browser = browser_of(noa)
        assert browser.post(self.end(given)).status_code == 403
        assert browser.post(self.keep(given)).status_code == 403
        assert "Disconnect" not in browser.get(self.desk_of(given)).text

    def test_our_own_are_the_access_owners(
        self, desk: HttpsClient, owners_desk: HttpsClient, priya: User, factory: Factory
    ) -> None:
        ours = factory.make_consent(user=priya)
        assert desk.post(self.end(ours)).status_code == 404
        page = owners_desk.get(self.end(ours))
        assert page.status_code == 200
        owners_desk.post(self.end(ours))
        ours.refresh_from_db()
        assert ours.end_asked_at is not None

    def test_it_says_what_stays_to_the_client_alone(
        self, desk: HttpsClient, given: Consent
    ) -> None:
        page = desk.get(self.end(given)).text
        assert "1 account is shared with us" in page
        assert "only Aurora Wines can take that back" in page
        assert "It ends within minutes" in page

    def test_it_names_what_it_waits_for(
        self, desk: HttpsClient, given: Consent, grant: RoleGrant
    ) -> None:
        RoleGrant.objects.filter(pk=grant.pk).update(state=State.UNVERIFIED)
        assert "Aurora DE. It ends by itself" in desk.get(self.end(given)).text

    def test_it_does_not_name_clients_of_others(
        self,
        desk: HttpsClient,
        owners_desk: HttpsClient,
        given: Consent,
        factory: Factory,
    ) -> None:
        other = factory.make_client(name="Borealis Books")
        factory.make_consent(connection=given.connection, client=other)
        page = desk.get(self.end(given)).text
        assert "Borealis" not in page
        assert "it serves 1 more" in page
        assert "it serves Borealis Books" in owners_desk.get(self.end(given)).text

    def test_it_says_which_centers_nobody_would_read(
        self, owners_desk: HttpsClient, priya: User, factory: Factory
    ) -> None:
        ours = factory.make_consent(user=priya)
        center = factory.make_receiver(label="Northlight Agency").center
        Reach.objects.create(connection=ours.connection, asset=center, can_grant=True)
        page = owners_desk.get(self.end(ours)).text
        assert f"Nobody else of ours reads {center}" in page
        second = factory.make_consent(user=factory.make_user(name="Mira"))
        Reach.objects.create(connection=second.connection, asset=center, can_grant=True)
        page = owners_desk.get(self.end(ours)).text
        assert f"{second.connection} reads the same Business Centers" in page

    def test_whom_it_served_is_still_told(
        self, desk: HttpsClient, given: Consent
    ) -> None:
        Consent.objects.update(state=Consent.State.WITHDRAWN)
        page = desk.get(self.desk_of(given)).text
        assert "<dt>Aurora Wines</dt><dd>Withdrawn" in page

    def test_it_can_be_called_back(self, desk: HttpsClient, given: Consent) -> None:
        desk.post(self.end(given))
        page = desk.get(self.desk_of(given)).text
        assert "Ends when nothing needs it" in page
        assert "Keep it connected" in page
        desk.post(self.keep(given))
        given.refresh_from_db()
        assert given.end_asked_at is None
        assert "Disconnect" in desk.get(self.desk_of(given)).text

    def test_it_says_when_it_is_too_late_to_keep_it(
        self, desk: HttpsClient, given: Consent
    ) -> None:
        desk.post(self.end(given))
        Consent.objects.update(withdrawn_at=timezone.now())
        page = desk.post(self.keep(given), follow=True).text
        assert f"Too late to keep {given.connection} connected" in page

    def test_it_is_not_asked_twice(self, desk: HttpsClient, given: Consent) -> None:
        disconnecting.ask(given, by=BY)
        page = desk.get(self.end(given), follow=True)
        assert "It is over, or about to be." in page.text

    def test_nothing_ends_by_get(self, desk: HttpsClient, given: Consent) -> None:
        assert desk.get(self.end(given)).status_code == 200
        assert desk.get(self.keep(given)).status_code == 405
        given.refresh_from_db()
        assert given.end_asked_at is None

    def test_the_desk_says_when_it_was_seen_refused(
        self, desk: HttpsClient, given: Consent
    ) -> None:
        Connection.objects.update(
            state=Connection.State.REVOKED, last_used_at=timezone.now()
        )
        page = desk.get(self.desk_of(given)).text
        assert "<dt>Seen refused</dt><dd>Today" in page
        assert "<dt>Last used</dt>" not in page


def test_a_name_the_client_chose_ends_no_field_of_our_page(
    desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    account = factory.make_ad_account(client=aurora, name="</textarea><b id=in>")
    grant = factory.make_grant(
        asset=account, state=State.WITHDRAWING, waits_on="client"
    )
    page = desk.get(reverse("admin:accounts_rolegrant_change", args=[grant.pk]))
    assert "&lt;/textarea&gt;" in page.text
    assert "<b id=in>" not in page.text
