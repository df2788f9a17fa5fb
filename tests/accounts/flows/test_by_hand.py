"""A grant done by hand on the platform's website, then read back like any other."""

from __future__ import annotations

import json

import pytest

from accounts.flows import work
from accounts.models import Connection, RoleGrant
from accounts.trail import Actor
from tests.factory import Factory
from tests.simulated import Simulated, main_receiver, says

State = RoleGrant.State
LIST = "bc/asset/admin/get/"


@pytest.fixture
def grant(our_side: Connection, factory: Factory) -> RoleGrant:
    return factory.make_grant(
        grantee=main_receiver(), state=State.MANUAL, waits_on="account_manager"
    )


def listing(grant: RoleGrant, status: str) -> bytes:
    row = {
        "asset_id": grant.asset.external_id,
        "asset_name": "Maren Home",
        "relation_type": "OWNER_INDIVIDUAL",
        "relation_status": status,
        "advertiser_role": "OPERATOR",
        "advertiser_status": "STATUS_ENABLE",
    }
    pages = {"page": 1, "page_size": 50, "total_number": 1, "total_page": 1}
    data = {"list": [row], "page_info": pages}
    answer = {"code": 0, "message": "OK", "request_id": "R", "data": data}
    return json.dumps(answer).encode()


def read(grant: RoleGrant) -> RoleGrant:
    work.read_now([grant], by=Actor.system("test"))
    return RoleGrant.objects.get(pk=grant.pk)


def test_it_stays_to_be_done_while_nobody_asked(grant: RoleGrant) -> None:
    after = read(grant)
    assert (after.state, after.waits_on) == (State.MANUAL, "account_manager")


@pytest.mark.parametrize(
    ("status", "state", "waits_on"),
    [
        ("PENDING", State.PENDING, "client"),
        ("REJECTED", State.DECLINED, "account_manager"),
        ("BOUND", State.ACTIVE, ""),
    ],
)
def test_it_stands_where_our_center_lists_it(
    grant: RoleGrant, tiktok: Simulated, status: str, state: str, waits_on: str
) -> None:
    with tiktok.disturbed(LIST, says(listing(grant, status))):
        after = read(grant)
    assert (after.state, after.waits_on) == (state, waits_on)
    assert after.is_fresh is (status == "BOUND")


@pytest.mark.parametrize("status", ["REJECTED", "UNBOUND"])
def test_what_is_left_of_an_earlier_request_ends_no_new_one(
    grant: RoleGrant, tiktok: Simulated, status: str
) -> None:
    RoleGrant.objects.update(source=RoleGrant.Source.METHOD_A)
    grant.refresh_from_db()
    with tiktok.disturbed(LIST, says(listing(grant, status))):
        after = read(grant)
    assert (after.state, after.waits_on) == (State.MANUAL, "account_manager")


def test_a_word_nobody_knows_is_told_as_it_came(
    grant: RoleGrant, tiktok: Simulated
) -> None:
    sent = {"source": RoleGrant.Source.METHOD_A, "state": State.PENDING}
    RoleGrant.objects.update(**sent)
    grant.refresh_from_db()
    with tiktok.disturbed(LIST, says(listing(grant, "FROZEN"))):
        after = read(grant)
    assert (after.state, after.waits_on) == (State.PENDING, "account_manager")
    assert "“FROZEN”" in after.problem
