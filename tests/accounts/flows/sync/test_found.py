"""What is listed and was never asked for is booked as found, once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Asset, Connection, Event, Grantee, RoleGrant
from tests.accounts.flows.reading import on_accounts, sync_all
from tests.accounts.flows.sync.listed import found
from tests.factory import Factory
from tests.simulated import Simulated
from tests.website import Website

pytestmark = pytest.mark.long

State = RoleGrant.State


def test_it_books_what_nobody_asked_for(our_side: Connection, site: Website) -> None:
    bc_id = site.add_partner("Brand New", 1, role="ANALYST")
    sync_all()
    grant = found().get()
    assert (grant.asked_role, grant.observed_role, grant.source) == (
        "",
        "analyst",
        RoleGrant.Source.FOUND,
    )
    assert grant.asset.owner == Asset.Owner.UNKNOWN
    assert grant.asset.center.external_id == bc_id
    assert grant.waits_on == RoleGrant.WaitsOn.ACCESS_OWNER
    assert "nobody asked for it here" in grant.problem
    assert grant.verified_at is not None
    assert not grant.is_fresh
    assert Event.objects.about(grant).get().action == "grant.found"
    holder = Grantee.objects.get(external_id=bc_id)
    assert (holder.label, holder.standing) == ("Brand New", Grantee.Standing.UNKNOWN)


def test_what_a_clients_center_gives_is_the_clients(
    our_side: Connection, site: Website, factory: Factory
) -> None:
    bc_id = site.add_partner("Known", 1)
    client = factory.make_client(name="Known")
    factory.make_center(external_id=bc_id, owner="client", client=client)
    sync_all()
    grant = found().get()
    assert (grant.asset.client, grant.asset.owner) == (client, Asset.Owner.CLIENT)
    assert grant.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER


def test_it_finds_nothing_twice(our_side: Connection, site: Website) -> None:
    site.add_partner("Brand New", 3)
    sync_all()
    events = Event.objects.filter(action__startswith="grant.").count()
    sync_all()
    assert found().count() == 3
    assert Event.objects.filter(action__startswith="grant.").count() == events


def test_what_was_found_follows_its_reads_and_ends_when_missed_twice(
    our_side: Connection, site: Website
) -> None:
    site.add_partner("Brand New", 1, role="ANALYST")
    sync_all()
    account_id = found().get().asset.external_id
    site.change_role(account_id, "ADMIN")
    sync_all()
    assert found().get().observed_role == "admin"
    site.undo(account_id)
    sync_all()
    assert found().get().missed_at is not None
    found().update(next_check_at=timezone.now())
    sync_all()
    assert on_accounts().get().state == State.WITHDRAWN


def test_what_ended_here_and_is_listed_there_is_found(
    active: list[RoleGrant],
) -> None:
    on_accounts().update(state=State.WITHDRAWN)
    sync_all()
    assert found().count() == 2


def test_it_finds_our_people_on_an_account(
    active: list[RoleGrant], site: Website
) -> None:
    site.put_on(active[0].asset.external_id, "jonas", "ANALYST")
    sync_all()
    person = found().get()
    assert person.via_id == active[0].pk
    assert person.grantee.label == "Jonas Lind"
    assert person.grantee.kind == Grantee.Kind.PERSON
    assert person.grantee.standing == Grantee.Standing.OURS
    assert person.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER


def test_it_finds_an_account_no_center_owns(
    our_side: Connection, site: Website, tiktok: Simulated
) -> None:
    account = tiktok.control("accounts", name="Lone", person="maren")
    site.agree(account["advertiser_id"])
    site.put_on(account["advertiser_id"], "priya")
    sync_all()
    centers = found().filter(via=None)
    assert centers.get().asset.external_id == account["advertiser_id"]
    assert centers.get().asset.center is None


def test_what_our_center_owns_was_not_given_to_us(
    our_side: Connection, tiktok: Simulated
) -> None:
    tiktok.control("accounts", name="Our own", bc_id=tiktok.center("Northlight Agency"))
    sync_all()
    assert not on_accounts().exists()


def test_names_follow_the_platform(active: list[RoleGrant], site: Website) -> None:
    site.rename(active[0].asset.external_id, "Renamed")
    sync_all()
    active[0].asset.refresh_from_db()
    assert active[0].asset.name == "Renamed"


def test_it_learns_which_center_shares_an_account(
    active: list[RoleGrant], tiktok: Simulated
) -> None:
    Asset.objects.filter(pk=active[0].asset.pk).update(center=None)
    sync_all()
    active[0].asset.refresh_from_db()
    assert active[0].asset.center.external_id == tiktok.center("Lang Optics")
