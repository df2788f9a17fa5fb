"""The connector against the simulated TikTok: two readings of the same facts."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.platforms.roles import Role
from accounts.platforms.tiktok.client import TikTok
from accounts.platforms.tiktok.scopes import missing_scopes
from agencyportal.simulator.scenarios import SCENARIOS
from tests.accounts.platforms.simulated.conftest import key_of
from tests.agencyportal.simulator.client import AGENCY, Client


def owned(tiktok: TikTok, key: Secret) -> tuple[str, list[str]]:
    """The first center's id and the ids of the accounts it owns."""
    center = tiktok.centers(key).rows[0]
    accounts = tiktok.center_accounts(key, center.external_id)
    return center.external_id, [one.external_id for one in accounts if one.is_owned]


# Refusals ---------------------------------------------------------------------------


def test_it_cannot_use_a_code_twice(tiktok: TikTok, world: Client) -> None:
    code = Secret(world.code("sofia"))
    tiktok.exchange_code(code)
    with pytest.raises(OutboundError) as caught:
        tiktok.exchange_code(code)
    assert (caught.value.kind, caught.value.permanent) == ("code_used", True)
    assert caught.value.trace_id


def test_it_learns_that_a_key_is_dead(tiktok: TikTok, sofia: Secret) -> None:
    tiktok.revoke(sofia)
    with pytest.raises(OutboundError) as caught:
        tiktok.centers(sofia)
    assert (caught.value.kind, caught.value.permanent) == ("dead_token", True)


def test_it_is_told_when_the_app_secret_is_wrong(tiktok: TikTok, world: Client) -> None:
    wrong = TikTok(
        tiktok.app_id, Secret("wrong"), tiktok.api_url, tiktok.auth_url, tiktok.door
    )
    with pytest.raises(OutboundError) as caught:
        wrong.exchange_code(Secret(world.code("sofia")))
    assert caught.value.kind == "configuration"


def test_it_may_not_read_a_center_without_being_its_admin(
    tiktok: TikTok, world: Client
) -> None:
    paolo = key_of(tiktok, world, "paolo")
    (center,) = tiktok.centers(paolo)
    assert not center.is_admin
    with pytest.raises(OutboundError) as caught:
        tiktok.center_accounts(paolo, center.external_id)
    assert caught.value.kind == "no_permission"
    tiktok.my_accounts(paolo, center.external_id)


def test_it_may_not_share_what_the_center_does_not_own(
    tiktok: TikTok, sofia: Secret
) -> None:
    center = tiktok.centers(sofia).rows[0].external_id
    foreign = [a for a in tiktok.center_accounts(sofia, center) if not a.is_owned]
    assert foreign
    with pytest.raises(OutboundError) as caught:
        tiktok.share_accounts(
            sofia, center, AGENCY, [foreign[0].external_id], Role.OPERATOR
        )
    assert caught.value.permanent
    assert not caught.value.outcome_unknown


def test_it_may_not_share_without_the_permission(tiktok: TikTok, world: Client) -> None:
    token = tiktok.exchange_code(Secret(world.code("yusuf")))
    assert missing_scopes(token.scopes, "client") == (
        "Business Center Partner Management",
    )
    center, accounts = owned(tiktok, token.access_token)
    with pytest.raises(OutboundError) as caught:
        tiktok.share_accounts(
            token.access_token, center, AGENCY, accounts, Role.OPERATOR
        )
    assert caught.value.kind == "no_permission"


# Sharing and reading back -----------------------------------------------------------


def test_it_sees_nothing_until_the_receiver_accepts(
    tiktok: TikTok, world: Client, priya: Secret
) -> None:
    dana = key_of(tiktok, world, "dana")
    center, accounts = owned(tiktok, dana)
    tiktok.share_accounts(dana, center, AGENCY, accounts[:1], Role.OPERATOR)
    assert not tiktok.partner_accounts(priya, AGENCY, center, "SHARED").rows
    assert len(tiktok.partner_accounts(dana, center, AGENCY, "SHARING")) == 1
    world.control("shares/accept", giver=center, receiver=AGENCY)
    assert len(tiktok.partner_accounts(priya, AGENCY, center, "SHARED")) == 1


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OPERATOR, Role.ADMIN])
def test_it_reads_back_the_role_that_was_shared(
    tiktok: TikTok, sofia: Secret, priya: Secret, role: Role
) -> None:
    center, accounts = owned(tiktok, sofia)
    written = tiktok.share_accounts(sofia, center, AGENCY, accounts, role)
    assert written.trace_id
    assert not written.is_partial
    listing = tiktok.partner_accounts(priya, AGENCY, center, "SHARED")
    assert {one.external_id: one.role for one in listing} == dict.fromkeys(
        accounts, role
    )
    assert center in {one.external_id for one in tiktok.partners(priya, AGENCY)}
    given_to = tiktok.account_partners(sofia, center, accounts[0])
    assert AGENCY in {one.external_id for one in given_to}


def test_it_learns_of_a_partly_done_share(
    tiktok: TikTok, world: Client, sofia: Secret, priya: Secret
) -> None:
    world.switch(share_partly="share_rest")
    center, accounts = owned(tiktok, sofia)
    every = [a.external_id for a in tiktok.center_accounts(sofia, center)]
    written = tiktok.share_accounts(sofia, center, AGENCY, every, Role.ANALYST)
    assert written.is_partial
    listing = tiktok.partner_accounts(priya, AGENCY, center, "SHARED")
    assert sorted(one.external_id for one in listing) == sorted(accounts)


def test_it_takes_a_share_back(tiktok: TikTok, sofia: Secret, priya: Secret) -> None:
    center, accounts = owned(tiktok, sofia)
    tiktok.share_accounts(sofia, center, AGENCY, accounts, Role.OPERATOR)
    tiktok.unshare_accounts(sofia, center, AGENCY, accounts[:1])
    listing = tiktok.partner_accounts(priya, AGENCY, center, "SHARED")
    assert sorted(one.external_id for one in listing) == sorted(accounts[1:])


# People, details, the log -----------------------------------------------------------


def test_it_staffs_an_account(tiktok: TikTok, sofia: Secret, priya: Secret) -> None:
    center, accounts = owned(tiktok, sofia)
    tiktok.share_accounts(sofia, center, AGENCY, accounts[:1], Role.OPERATOR)
    jonas = next(one for one in tiktok.members(priya, AGENCY) if not one.is_admin)
    tiktok.assign_member(priya, AGENCY, accounts[0], jonas.external_id, Role.ANALYST)
    found = {
        one.external_id: one.role
        for one in tiktok.account_members(priya, AGENCY, accounts[0])
    }
    assert found[jonas.external_id] is Role.ANALYST
    tiktok.unassign_member(priya, AGENCY, accounts[0], jonas.external_id)
    left = tiktok.account_members(priya, AGENCY, accounts[0])
    assert jonas.external_id not in {one.external_id for one in left}


def test_it_seats_changes_and_removes_a_member(
    tiktok: TikTok, world: Client, priya: Secret
) -> None:
    email = "nora@northlight.example"
    tiktok.invite_member(priya, AGENCY, email, Role.STANDARD)
    (nora,) = [one for one in tiktok.members(priya, AGENCY) if one.email == email]
    assert (nora.external_id, nora.relation_status) == ("", "PENDING")
    world.control("people", id="nora", name="Nora Vik", email=email)
    world.control("members/accept", bc_id=AGENCY, email=email)
    (nora,) = [one for one in tiktok.members(priya, AGENCY) if one.email == email]
    tiktok.update_member(priya, AGENCY, nora.external_id, role=Role.ADMIN)
    for finance in (Role.ANALYST, Role.UNKNOWN):
        tiktok.update_member(priya, AGENCY, nora.external_id, finance_role=finance)
        (nora,) = [one for one in tiktok.members(priya, AGENCY) if one.email == email]
        assert (nora.seat, nora.finance) == (Role.ADMIN, finance)
    tiktok.remove_member(priya, AGENCY, member_id=nora.external_id)
    assert email not in {one.email for one in tiktok.members(priya, AGENCY)}


def test_it_takes_an_invitation_back(tiktok: TikTok, priya: Secret) -> None:
    tiktok.invite_member(priya, AGENCY, "nora@northlight.example", Role.ADMIN)
    tiktok.remove_member(priya, AGENCY, email="nora@northlight.example")
    assert len(tiktok.members(priya, AGENCY)) == 3


def test_it_reads_130_accounts_with_their_details(
    tiktok: TikTok, world: Client
) -> None:
    greta = key_of(tiktok, world, "greta")
    center, accounts = owned(tiktok, greta)
    assert tiktok.center_accounts(greta, center).pages == 3
    assert len(accounts) == 130
    world.switch(advertiser_info_max_ids=40)
    details = tiktok.account_details(greta, accounts)
    assert [one.external_id for one in details] == accounts
    assert {one.owner_center_id for one in details} == {center}
    assert all(one.currency and one.time_zone and one.status for one in details)


def test_it_reads_the_activity_log(tiktok: TikTok, sofia: Secret) -> None:
    center, accounts = owned(tiktok, sofia)
    tiktok.share_accounts(sofia, center, AGENCY, accounts[:1], Role.OPERATOR)
    today = dt.datetime.now(dt.UTC).date()
    week = dt.timedelta(days=7)
    listing = tiktok.changelog(sofia, center, today - week, today, "ACCOUNT")
    assert any(AGENCY in one.text or accounts[0] in one.text for one in listing)


@pytest.mark.parametrize(
    "person",
    [one.person for one in SCENARIOS if one.button == "authorize"],
)
def test_it_reads_everything_a_person_of_the_world_has(
    tiktok: TikTok, world: Client, person: str
) -> None:
    key = key_of(tiktok, world, person)
    who = tiktok.who(key)
    assert who.external_id.isdecimal()
    assert who.display_name
    assert "*" in who.email_masked
    reachable = tiktok.reachable_accounts(key)
    assert len(reachable) == reachable.told
    for center in tiktok.centers(key):
        assert center.name
        if center.is_admin:
            tiktok.center_accounts(key, center.external_id)
        else:
            tiktok.my_accounts(key, center.external_id)
