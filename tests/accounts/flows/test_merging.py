"""Two entries of one client: what is refused, what moves, what cannot stand twice."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from accounts.flows import merging, wishes
from accounts.models import (
    Approval,
    Asset,
    Assignment,
    Client,
    Consent,
    ConsentAttempt,
    Contact,
    Event,
    EventPayload,
    GrantChange,
    User,
)
from accounts.platforms.roles import Role
from accounts.trail import Actor
from onboarding.models import AttributionAdvice
from tests.factory import Factory

BY = Actor.system()
SOON = timezone.localdate() + dt.timedelta(days=30)


@pytest.fixture
def kept(factory: Factory) -> Client:
    return factory.make_client(name="Halden Outdoor")


@pytest.fixture
def gone(factory: Factory) -> Client:
    return factory.make_client(name="Halden Outdoor GmbH")


@pytest.fixture
def priya(factory: Factory) -> User:
    return factory.make_user(name="Priya Nair", role="Access owners")


def merge(gone: Client, kept: Client, user: User) -> None:
    merging.merge(gone, kept, digest=merging.preview(gone, kept).digest, user=user)


def said(gone: Client, kept: Client) -> str:
    return " ".join(merging.preview(gone, kept).clashes)


def one_of_each(factory: Factory, client: Client) -> dict[tuple[type[Model], str], Any]:
    """Return a row of every table that names a client, by model and field."""
    asset = factory.make_ad_account(client=client)
    earlier = factory.make_client(name=f"Earlier {client}", merged_into=client)
    request = factory.make_request(client=client)
    attempt = ConsentAttempt.objects.create(
        platform="tiktok",
        purpose=Consent.Purpose.CLIENT,
        client=client,
        state_hash="0" * 64,
        browser_hash="0" * 64,
        expires_at=timezone.now(),
    )
    change = GrantChange.objects.create(
        grant=factory.make_grant(asset=asset),
        kind=GrantChange.Kind.ADOPT,
        role=Role.OPERATOR,
        client=client,
        asked_by=factory.make_user(),
    )
    rows: list[tuple[Any, str]] = [
        (factory.make_assignment(client=client), "client"),
        (request.contact, "client"),
        (Asset.objects.get(pk=asset.pk), "client"),
        (factory.make_consent(client=client), "client"),
        (attempt, "client"),
        (change, "client"),
        (earlier, "merged_into"),
        (request, "client"),
        (factory.make_item(request=request), "client"),
        (AttributionAdvice.objects.create(client=client), "client"),
        (factory.make_authorization(client=client), "client"),
    ]
    return {(type(row), name): row for row, name in rows}


def keys_to_client() -> set[tuple[type[Model], str]]:
    return {
        (relation.related_model, relation.field.name)
        for relation in Client._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    }


class TestEverything:
    def test_every_key_to_a_client_has_a_rule(self) -> None:
        assert merging.not_carried() == []

    def test_a_key_without_a_rule_is_named(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        left = [part for part in merging._parts if part.model is not Contact]
        monkeypatch.setattr(merging, "_parts", left)
        assert merging.not_carried() == ["accounts.Contact.client"]

    def test_every_key_to_a_client_is_repointed(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        rows = one_of_each(factory, gone)
        assert rows.keys() == keys_to_client()
        merge(gone, kept, priya)
        for (_, name), row in rows.items():
            row.refresh_from_db()
            assert getattr(row, name) == kept, row

    def test_it_moves_nothing_of_anybody_else(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        other = factory.make_client(name="Aurora Wines")
        rows = one_of_each(factory, other)
        merge(gone, kept, priya)
        for (_, name), row in rows.items():
            row.refresh_from_db()
            assert getattr(row, name) == other, row


class TestRefused:
    def test_it_is_done_by_an_access_owner_only(
        self, factory: Factory, gone: Client, kept: Client
    ) -> None:
        with pytest.raises(merging.CannotMerge, match="Only an access owner"):
            merge(gone, kept, factory.make_user())

    def test_a_client_does_not_become_itself(self, gone: Client, priya: User) -> None:
        with pytest.raises(merging.CannotMerge, match="the same entry"):
            merge(gone, gone, priya)

    def test_it_is_done_once(self, gone: Client, kept: Client, priya: User) -> None:
        merge(gone, kept, priya)
        with pytest.raises(merging.CannotMerge, match="merged already"):
            merge(gone, kept, priya)
        with pytest.raises(merging.CannotMerge, match="merged already"):
            merge(kept, gone, priya)

    def test_nothing_moves_that_the_preview_did_not_show(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        read = merging.preview(gone, kept).digest
        account = factory.make_ad_account(client=gone)
        with pytest.raises(merging.CannotMerge, match="Read it again"):
            merging.merge(gone, kept, digest=read, user=priya)
        account.refresh_from_db()
        assert account.client == gone

    def test_a_merge_that_breaks_off_leaves_all_as_it_was(
        self,
        factory: Factory,
        gone: Client,
        kept: Client,
        priya: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        rows = one_of_each(factory, gone)
        events = Event.objects.count()

        def dies(*args: Any, **kwargs: Any) -> None:
            raise SystemExit

        monkeypatch.setattr(merging, "record", dies)
        with pytest.raises(SystemExit):
            merge(gone, kept, priya)
        for (_, name), row in rows.items():
            row.refresh_from_db()
            assert getattr(row, name) == gone, row
        gone.refresh_from_db()
        assert (gone.merged_into, Event.objects.count()) == (None, events)


class TestContacts:
    def test_one_address_stands_once(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        old = factory.make_contact(client=gone, name="S. Marin", email="S@halden.test")
        new = factory.make_contact(client=kept, name="Sofia", email="s@halden.test")
        request = factory.make_request(client=gone, contact=old)
        link = factory.make_link(request=request)
        assert "S. Marin, S@halden.test, is in both: Sofia of" in said(gone, kept)
        merge(gone, kept, priya)
        for row in (request, link):
            row.refresh_from_db()
            assert row.contact == new
        assert list(Contact.objects.filter(client=kept)) == [new]


class TestColleagues:
    def test_one_lead_stays_and_the_other_is_deputy(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        mira = factory.make_user(name="Mira", serves=kept)
        tom = factory.make_user(name="Tom", serves=gone)
        sentence = "Mira leads Halden Outdoor on; Tom, who led Halden Outdoor GmbH,"
        assert sentence in said(gone, kept)
        merge(gone, kept, priya)
        roles = dict(kept.assignments.values_list("user__name", "role"))
        assert roles == {"Mira": "lead", "Tom": "deputy"}
        assert kept.lead == mira
        assert tom.assignments.live().exists()

    @pytest.mark.parametrize("role", Assignment.Role.values)
    def test_nobody_serves_twice_in_one_role(
        self, factory: Factory, gone: Client, kept: Client, priya: User, role: str
    ) -> None:
        mira = factory.make_user(name="Mira")
        for client in (gone, kept):
            factory.make_assignment(client=client, user=mira, role=role)
        assert "Mira serves both" in said(gone, kept)
        merge(gone, kept, priya)
        assert mira.assignments.live().get().client == kept

    def test_a_lead_takes_the_place_nobody_has(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        tom = factory.make_user(serves=gone)
        merge(gone, kept, priya)
        assert kept.lead == tom


class TestConsents:
    @pytest.fixture
    def twins(
        self, factory: Factory, gone: Client, kept: Client
    ) -> tuple[Consent, Consent]:
        """One login, that came for the one and was held for the other."""
        login = factory.make_connection(label="Nadia Petrov")
        return (
            factory.make_consent(connection=login, client=gone, keeps_key=False),
            factory.make_consent(
                connection=login, client=kept, state="held", held_because="Two."
            ),
        )

    def test_a_login_of_both_agreed_once(
        self, gone: Client, kept: Client, priya: User, twins: tuple[Consent, Consent]
    ) -> None:
        assert "Nadia Petrov agreed for both" in said(gone, kept)
        merge(gone, kept, priya)
        stays = kept.consents.standing().get()
        assert (stays.state, stays.held_because) == ("given", "")
        assert stays.connection.state == "live"

    def test_a_key_that_was_promised_back_goes_back(
        self, gone: Client, kept: Client, priya: User, twins: tuple[Consent, Consent]
    ) -> None:
        merge(gone, kept, priya)
        assert kept.consents.standing().get().keeps_key is False


class TestCreators:
    def test_a_creator_asked_for_both_is_asked_once(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        aino = factory.make_creator(handle="aino")
        more = {"creator": aino, "campaign": "Fjell", "state": "active"}
        active = factory.make_authorization(client=gone, **more)
        waits = factory.make_authorization(client=kept, creator=aino, campaign="Spring")
        post = factory.make_post(authorization=waits)
        assert "@aino is asked for both: Fjell stays" in said(gone, kept)
        merge(gone, kept, priya)
        for row in (active, waits, post):
            row.refresh_from_db()
        assert (active.client, active.state) == (kept, "active")
        assert (waits.state, post.authorization) == ("expired", active)

    def test_what_goes_on_has_the_key_of_what_ends(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        aino = factory.make_creator(handle="aino")
        center = factory.make_center()
        link = factory.make_ad_account(client=gone)
        more = {"creator": aino, "state": "active"}
        ends = factory.make_authorization(
            client=gone, connection=factory.make_connection(), **more
        )
        ends.ad_accounts.create(ad_account=link)
        stays = factory.make_authorization(
            client=kept, center=center, campaign="Spring", **more
        )
        merge(gone, kept, priya)
        key = ends.connection
        ends.refresh_from_db()
        stays.refresh_from_db()
        assert (stays.connection, stays.center) == (key, center)
        assert stays.ad_accounts.get().ad_account == link
        assert "Spring has all that this had" in ends.problem


class TestDecisions:
    def test_what_an_owner_is_asked_about_a_grant_is_asked_again(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        grant = factory.make_grant(
            asset=factory.make_ad_account(client=gone), state="active"
        )
        asker = factory.make_user()
        wish = wishes.Wish(role=Role.ADMIN, reason="Billing", ends_on=SOON)
        change = wishes.make(grant, GrantChange.Kind.ROLE, Role.ADMIN, wish, user=asker)
        wishes.put_forward([change], user=asker)
        assert "the question to an access owner ends. Ask again." in said(gone, kept)
        merge(gone, kept, priya)
        change.refresh_from_db()
        assert change.closed_at is not None
        assert change.approval.decision == Approval.Decision.VOID


class TestAfterwards:
    def test_the_one_leads_to_the_other(
        self, gone: Client, kept: Client, priya: User
    ) -> None:
        merge(gone, kept, priya)
        gone.refresh_from_db()
        assert (gone.merged_into, gone.status) == (kept, Client.Status.FORMER)
        assert list(Client.objects.visible_to(priya)) == [kept]

    def test_who_merged_into_the_one_leads_to_the_other_at_once(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        first = factory.make_client(name="Halden Out")
        merge(first, gone, priya)
        merge(gone, kept, priya)
        first.refresh_from_db()
        assert first.merged_into == kept

    @pytest.mark.parametrize(
        ("was", "other", "then"),
        [
            ("prospect", "active", "active"),
            ("former", "active", "active"),
            ("former", "onboarding", "onboarding"),
            ("active", "prospect", "active"),
            ("active", "former", "active"),
        ],
    )
    def test_it_stands_where_the_further_one_stood(
        self, factory: Factory, priya: User, was: str, other: str, then: str
    ) -> None:
        kept = factory.make_client(name="A", status=was)
        merge(factory.make_client(name="B", status=other), kept, priya)
        kept.refresh_from_db()
        assert kept.status == then

    def test_both_tell_it(self, gone: Client, kept: Client, priya: User) -> None:
        merge(gone, kept, priya)
        events = Event.objects.filter(action="client.merged")
        assert {event.client_key for event in events} == {str(gone.pk), str(kept.pk)}
        body = json.loads(EventPayload.objects.get(event_id=events[0].pk).body)
        assert (body["gone"], body["kept"]) == (gone.name, kept.name)

    def test_the_story_of_the_one_is_the_others(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        factory.make_user(serves=gone)
        merge(gone, kept, priya)
        keys = Event.objects.of_client(kept).values_list("client_key", flat=True)
        assert set(keys) == {str(gone.pk), str(kept.pk)}

    def test_what_came_meanwhile_is_brought_on(
        self, factory: Factory, gone: Client, kept: Client, priya: User
    ) -> None:
        factory.make_contact(client=kept, email="s@halden.test")
        merge(gone, kept, priya)
        late = factory.make_contact(client=gone, email="late@halden.test")
        twice = factory.make_contact(client=gone, email="S@halden.test")
        assert merging.gather(by=BY) == 1
        late.refresh_from_db()
        assert late.client == kept
        assert not Contact.objects.filter(pk=twice.pk).exists()
        assert merging.gather(by=BY) == 0
