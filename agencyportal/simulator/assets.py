"""`bc/asset/*`: what a center holds and who works on it (TikTok facts 5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agencyportal.simulator import creatorassets
from agencyportal.simulator.calls import (
    ASSET_TYPES,
    Call,
    Endpoint,
    is_held,
)
from agencyportal.simulator.params import bad
from agencyportal.simulator.scopes import CENTER_ASSETS
from agencyportal.simulator.state import Account, Share
from agencyportal.simulator.wire import (
    NO_PERMISSION,
    NOT_FOUND,
    ApiError,
    paginate,
)

RELATION_TYPES = ("OWNER_BC", "OWNER_PARTNER", "OWNER_INDIVIDUAL")
RELATION_STATUSES = ("BOUND", "PENDING", "REJECTED", "UNBOUND")
SHOWN_AS = {
    "SHOW_ACCOUNT_STATUS_APPROVED": ("STATUS_ENABLE",),
    "SHOW_ACCOUNT_STATUS_PUNISHED": ("STATUS_LIMIT",),
    "SHOW_ACCOUNT_STATUS_NOT_APPROVED": (
        "STATUS_CONFIRM_FAIL",
        "STATUS_CONFIRM_FAIL_END",
        "STATUS_CONFIRM_MODIFY_FAIL",
    ),
    "SHOW_ACCOUNT_STATUS_IN_REVIEW": (
        "STATUS_PENDING_CONFIRM",
        "STATUS_PENDING_VERIFIED",
        "STATUS_PENDING_CONFIRM_MODIFY",
        "STATUS_WAIT_FOR_BPM_AUDIT",
        "STATUS_WAIT_FOR_PUBLIC_AUTH",
        "STATUS_SELF_SERVICE_UNAUDITED",
        "STATUS_CONTRACT_PENDING",
    ),
}
SHARE_STATUS = {"ACCEPTED": "BOUND", "DECLINED": "REJECTED", "ENDED": "UNBOUND"}


@dataclass
class Holding:
    """An ad account as one center lists it."""

    account: Account
    relation_type: str
    relation_status: str


def is_share_read(call: Call, share: Share) -> bool:
    """Return True if this read of the receiver shows a share; counts the read."""
    if call.now < share.visible_at:
        return False
    if share.hidden_reads > 0:
        share.hidden_reads -= 1
        call.store.is_dirty = True
        return False
    return True


def holdings(call: Call, bc_id: str, kind: str) -> list[Holding]:
    """Return what `bc/asset/admin/get` lists, all or of one relation type.

    A waiting share is not in it.
    """
    world = call.world
    found = [
        Holding(account, "OWNER_BC", account.relation_status)
        for account in world.accounts
        if account.owner_bc_id == bc_id
    ]
    for relation in world.relations:
        account = world.account(relation.asset_id)
        if relation.bc_id == bc_id and account is not None:
            found.append(
                Holding(account, relation.relation_type, relation.relation_status)
            )
    if kind in ("", "OWNER_PARTNER") and call.switch("shared_in_admin_get"):
        found += _partner_holdings(call, bc_id)
    each: dict[str, Holding] = {}
    for one in found:  # what was asked for and is shared stands in the list once
        known = each.setdefault(one.account.advertiser_id, one)
        if known.relation_status != "BOUND":
            each[one.account.advertiser_id] = one
    return [one for one in each.values() if kind in ("", one.relation_type)]


def _partner_holdings(call: Call, bc_id: str) -> list[Holding]:
    return [
        Holding(account, "OWNER_PARTNER", SHARE_STATUS[share.status])
        for share in call.world.shares
        if share.receiver == bc_id
        and share.status in SHARE_STATUS
        and (account := call.world.account(share.asset_id)) is not None
        and (share.status != "ACCEPTED" or is_share_read(call, share))
    ]


def describe_asset(call: Call, account: Account, bc_id: str) -> dict[str, Any]:
    """Return the fields every asset list shares; the role is the caller's own."""
    owner = call.world.center(account.owner_bc_id)
    row: dict[str, Any] = {
        "asset_id": account.advertiser_id,
        "asset_type": "ADVERTISER",
        "asset_name": account.name,
        "advertiser_account_type": account.advertiser_account_type,
    }
    if owner is not None:
        row["owner_bc_name"] = owner.name
    held = call.world.assignment(bc_id, call.user_id, account.advertiser_id)
    if held is not None:
        row["advertiser_role"] = held.advertiser_role
    return row


def matches(account: Account, keyword: str) -> bool:
    return keyword.lower() in account.name.lower() or keyword == account.advertiser_id


def asset_get(call: Call) -> dict[str, Any]:
    """List the caller's accounts, or for an admin those of another member."""
    world, params = call.world, call.params
    bc_id = params.id("bc_id")
    asset_type = params.choice("asset_type", ASSET_TYPES)
    filtering = params.nested("filtering")
    user_id = filtering.id("user_id", default="")
    email = filtering.text("user_email", default="")
    keyword = filtering.text("keyword", default="")
    page, size = params.page(50)
    if user_id and email:
        raise bad("filtering", "Give user_id or user_email, not both.")
    seat = world.member(bc_id, call.user_id)
    if seat is None or seat.relation_status != "BOUND":
        raise ApiError(NO_PERMISSION, f"You are not a member of {bc_id}.")
    if (email or user_id not in ("", call.user_id)) and seat.user_role != "ADMIN":
        raise ApiError(NO_PERMISSION, f"You are not an admin of {bc_id}.")
    if asset_type == creatorassets.TT_ACCOUNT:
        shows_all = call.switch("creator_accounts_shown") == "admin_all"
        is_whole = not user_id and shows_all and seat.user_role == "ADMIN"
        found = creatorassets.rows(
            call, bc_id, user_id or call.user_id, keyword, is_whole=is_whole
        )
        return paginate(found, page, size)
    rows = []
    for asset_id, role in _roles(call, bc_id, user_id or call.user_id, email):
        account = world.account(asset_id)
        if account and is_held(call, bc_id, account) and matches(account, keyword):
            rows.append(
                describe_asset(call, account, bc_id) | {"advertiser_role": role}
            )
    return paginate(rows if asset_type == "ADVERTISER" else [], page, size)


def _roles(call: Call, bc_id: str, user_id: str, email: str) -> list[tuple[str, str]]:
    """Return (account, role) of a member, or promised to a pending invitee."""
    if email:
        return [
            (asset_id, member.advertiser_role)
            for member in call.world.members
            if member.bc_id == bc_id
            and member.email == email
            and member.relation_status == "PENDING"
            for asset_id in member.asset_ids
        ]
    return [
        (one.asset_id, one.advertiser_role)
        for one in call.world.assignments
        if (one.bc_id, one.user_id) == (bc_id, user_id)
    ]


def asset_admin_get(call: Call) -> dict[str, Any]:
    center = call.center_as_admin()
    asset_type = call.params.choice("asset_type", ASSET_TYPES)
    filtering = call.params.nested("filtering")
    kind = filtering.choice("relation_type", RELATION_TYPES, default="")
    status = filtering.choice("relation_status", RELATION_STATUSES, default="")
    shown = filtering.choice("advertiser_show_status", SHOWN_AS, default="")
    keyword = filtering.text("keyword", default="")
    page, size = call.params.page(50)
    if asset_type == creatorassets.TT_ACCOUNT:
        found = creatorassets.admin_rows(call, center.bc_id, keyword)
        return paginate(found, page, size)
    rows = [
        describe_asset(call, one.account, center.bc_id)
        | {
            "relation_type": one.relation_type,
            "relation_status": one.relation_status,
            "advertiser_status": one.account.status,
        }
        for one in (
            holdings(call, center.bc_id, kind) if asset_type == "ADVERTISER" else ()
        )
        if status in ("", one.relation_status)
        and (not shown or one.account.status in SHOWN_AS[shown])
        and matches(one.account, keyword)
    ]
    return paginate(rows, page, size)


def held_asset(call: Call, bc_id: str) -> Account:
    """Return the account named by `asset_id`, which the center must hold."""
    call.params.choice("asset_type", ("ADVERTISER",))
    asset_id = call.params.id("asset_id")
    account = call.world.account(asset_id)
    if account is None or not is_held(call, bc_id, account):
        raise ApiError(NOT_FOUND, f"asset_id: {asset_id} is not in this center.")
    return account


def asset_member_get(call: Call) -> dict[str, Any]:
    center = call.center_as_admin()
    keyword = call.params.nested("filtering").text("keyword", default="", most=250)
    page, size = call.params.page(20)
    if call.params.values.get("asset_type") == creatorassets.TT_ACCOUNT:
        return paginate(creatorassets.members(call, center.bc_id), page, size)
    account = held_asset(call, center.bc_id)
    rows = []
    for one in call.world.assignments:
        if (one.bc_id, one.asset_id) != (center.bc_id, account.advertiser_id):
            continue
        member = call.world.member(one.bc_id, one.user_id)
        if member and keyword.lower() in f"{member.name} {member.email}".lower():
            rows.append(
                {
                    "user_id": member.user_id,
                    "user_name": member.name,
                    "user_email": member.email,
                    "advertiser_role": one.advertiser_role,
                }
            )
    return paginate(rows, page, size)


def asset_partner_get(call: Call) -> dict[str, Any]:
    """List the partners an account is or was shared to; no role (facts 5.2)."""
    center = call.center_as_admin()
    account = held_asset(call, center.bc_id)
    keyword = call.params.nested("filtering").text("keyword", default="")
    page, size = call.params.page(50)
    rows = []
    for share in call.world.shares:
        partner = call.world.center(share.receiver)
        if (
            partner is not None
            and (share.giver, share.asset_id) == (center.bc_id, account.advertiser_id)
            and keyword.lower() in partner.name.lower()
        ):
            rows.append({"bc_id": partner.bc_id, "bc_name": partner.name})
    return paginate(rows, page, size)


ENDPOINTS = {
    "bc/asset/get/": Endpoint(("GET",), asset_get, CENTER_ASSETS),
    "bc/asset/admin/get/": Endpoint(("GET",), asset_admin_get, CENTER_ASSETS),
    "bc/asset/member/get/": Endpoint(("GET",), asset_member_get, CENTER_ASSETS),
    "bc/asset/partner/get/": Endpoint(("GET",), asset_partner_get, CENTER_ASSETS),
}
