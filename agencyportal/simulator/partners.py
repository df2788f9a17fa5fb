"""`bc/partner/*`: how one center gives another access (TikTok facts 5.3)."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator import requesting
from agencyportal.simulator.assets import describe_asset, is_share_read, matches
from agencyportal.simulator.calls import (
    ADVERTISER_ROLES,
    ASSET_TYPES,
    Call,
    Endpoint,
)
from agencyportal.simulator.params import bad
from agencyportal.simulator.scopes import CENTER_PARTNERS
from agencyportal.simulator.shares import (
    LIVE,
    change_role,
    end_share,
    give_share,
    must_be_accepted,
    partner_up,
)
from agencyportal.simulator.state import Account, Center, Share
from agencyportal.simulator.wire import (
    NO_PERMISSION,
    NOT_FOUND,
    PARTLY,
    ApiError,
    paginate,
)


def partner_get(call: Call) -> dict[str, Any]:
    center = call.center_as_admin()
    name = call.params.nested("filtering").text("name", default="")
    page, size = call.params.page(50)
    rows = []
    for one in call.world.partnerships:
        is_ours = one.bc_id == center.bc_id
        if not is_ours and (one.partner_id != center.bc_id or not one.is_accepted):
            continue
        partner = call.world.center(one.partner_id if is_ours else one.bc_id)
        if partner and name.lower() in partner.name.lower():
            rows.append({"bc_id": partner.bc_id, "bc_name": partner.name})
    return paginate(rows, page, size)


def partner_add(call: Call) -> dict[str, Any]:
    """Make a partnership and share accounts; the answer proves nothing (5.3)."""
    giver = call.center_as_admin()
    params = call.params
    partner_id = params.id("partner_id")
    ids = params.ids("asset_ids", most=50)
    if ids:
        params.choice("asset_type", ("ADVERTISER",))
    role = params.choice("advertiser_role", ADVERTISER_ROLES, default="ANALYST")
    if partner_id == giver.bc_id:
        raise bad("partner_id", "A center cannot be its own partner.")
    receiver = call.world.center(partner_id)
    if receiver is None:
        code = int(call.switch("unknown_partner_code"))
        raise ApiError(code, f"partner_id: Business Center {partner_id} not found.")
    accounts, refusals = _shareable(call, giver, receiver, ids)
    if refusals and (call.switch("share_partly") == "refuse_all" or not accounts):
        raise refusals[0]
    if refusals:
        call.code = PARTLY
        call.message = " ".join(refusal.message for refusal in refusals)
    must_accept = must_be_accepted(call.world, giver, receiver)
    partner_up(call.world, giver.bc_id, receiver.bc_id, is_accepted=not must_accept)
    for account in accounts:
        _share(call, giver, receiver, account, role, must_accept=must_accept)
    return {}


def _shareable(
    call: Call, giver: Center, receiver: Center, ids: list[str]
) -> tuple[list[Account], list[ApiError]]:
    """Split the ids: owned and bound accounts, and why the others are refused."""
    accounts, refusals = [], []
    for asset_id in ids:
        account = call.world.account(asset_id)
        share = call.world.share(giver.bc_id, receiver.bc_id, asset_id)
        if (
            account is None
            or account.owner_bc_id != giver.bc_id
            or account.relation_status != "BOUND"
        ):
            refusals.append(
                ApiError(
                    int(call.switch("not_owner_code")),
                    f"asset_ids: {asset_id} is not owned by Business Center"
                    f" {giver.bc_id}.",
                )
            )
        elif share and share.status in LIVE and call.switch("share_again") == "refuse":
            refusals.append(bad("asset_ids", f"{asset_id} is shared already."))
        elif _is_refused_as_linked(call, receiver, asset_id):
            words = f"{asset_id} is linked to another Business Center."
            refusals.append(bad("asset_ids", words))
        else:
            accounts.append(account)
    return accounts, refusals


def _is_refused_as_linked(call: Call, receiver: Center, asset_id: str) -> bool:
    """True for what a third center holds, unless its owner has linked ours by hand."""
    held_by = {
        share.receiver
        for share in call.world.shares
        if share.asset_id == asset_id and share.status in LIVE
    }
    is_elsewhere = bool(held_by) and receiver.bc_id not in held_by
    return is_elsewhere and call.switch("linked_elsewhere") == "refuse"


def _share(
    call: Call,
    giver: Center,
    receiver: Center,
    account: Account,
    role: str,
    *,
    must_accept: bool,
) -> None:
    share = call.world.share(giver.bc_id, receiver.bc_id, account.advertiser_id)
    by, now = call.user_id, call.now
    if share and share.status in LIVE:
        if call.switch("share_again") == "update_role":
            change_role(call.world, share, role, by=by, now=now)
        return
    new = Share(giver.bc_id, receiver.bc_id, account.advertiser_id, role, "PENDING")
    give_share(call.world, new, must_accept=must_accept, by=by, now=now)


def partner_asset_get(call: Call) -> dict[str, Any]:
    """List shares of a pair; the only read with the partner's role (5.3)."""
    center = call.center_as_admin()
    partner_id = call.params.id("partner_id")
    asset_type = call.params.choice("asset_type", ("ADVERTISER", "CATALOG"))
    kind = call.params.choice("share_type", ("SHARED", "SHARING"))
    keyword = call.params.nested("filtering").text("keyword", default="")
    page, size = call.params.page(50)
    rows = []
    for share in call.world.shares if asset_type == "ADVERTISER" else ():
        account = call.world.account(share.asset_id)
        if account is None or not matches(account, keyword):
            continue
        if kind == "SHARING":
            is_listed = (share.giver, share.receiver) == (center.bc_id, partner_id)
            is_listed = is_listed and share.status in LIVE
        else:
            is_listed = (
                (share.giver, share.receiver) == (partner_id, center.bc_id)
                and share.status == "ACCEPTED"
                and is_share_read(call, share)
            )
        if is_listed:
            row = describe_asset(call, account, center.bc_id)
            rows.append(row | {"advertiser_role": share.advertiser_role})
    if asset_type == "ADVERTISER" and call.switch("approved_in_partner_get"):
        pair = (partner_id, center.bc_id)
        rows += _approved(call, *(pair if kind == "SHARED" else pair[::-1]), keyword)
    return paginate(rows, page, size)


def _approved(
    call: Call, giver: str, receiver: str, keyword: str
) -> list[dict[str, Any]]:
    """List what was given by approving a request (told by no source: a switch)."""
    caller = call.params.id("bc_id")
    return [
        describe_asset(call, account, caller)
        | {"advertiser_role": relation.advertiser_role}
        for relation in requesting.approved(call.world, giver, receiver)
        if (account := call.world.account(relation.asset_id)) is not None
        and matches(account, keyword)
    ]


def partner_asset_delete(call: Call) -> dict[str, Any]:
    giver = call.center_as_admin()
    partner_id = call.params.id("partner_id")
    call.params.choice("asset_type", ASSET_TYPES)
    ids = call.params.ids("asset_ids", least=1)
    shares = []
    for asset_id in ids:
        share = call.world.share(giver.bc_id, partner_id, asset_id)
        if share is None or share.status not in LIVE:
            raise ApiError(NOT_FOUND, f"asset_ids: {asset_id} is not shared to it.")
        shares.append(share)
    for share in shares:
        end_share(call.world, share, by=call.user_id, now=call.now)
    return {}


def partner_delete(call: Call) -> dict[str, Any]:
    center = call.center_as_admin()
    partner_id = call.params.id("partner_id")
    partnership = call.world.partnership(center.bc_id, partner_id)
    if partnership is None:
        raise ApiError(NOT_FOUND, f"partner_id: {partner_id} is not a partner.")
    if partnership.bc_id != center.bc_id and not call.switch(
        "receiver_may_delete_partner"
    ):
        raise ApiError(NO_PERMISSION, "Only the center that added it may delete it.")
    ends = call.switch("partner_delete_ends")
    for share in list(call.world.shares):
        if (
            {share.giver, share.receiver} == {center.bc_id, partner_id}
            and share.status in LIVE
            and (ends == "both" or (ends == "given" and share.giver == center.bc_id))
        ):
            end_share(call.world, share, by=call.user_id, now=call.now)
    call.world.partnerships.remove(partnership)
    call.note(center.bc_id, "BUSINESS", f"Partner {partner_id} removed.")
    return {}


ENDPOINTS = {
    "bc/partner/get/": Endpoint(("GET",), partner_get, CENTER_PARTNERS),
    "bc/partner/add/": Endpoint(("POST",), partner_add, CENTER_PARTNERS),
    "bc/partner/asset/get/": Endpoint(("GET",), partner_asset_get, CENTER_PARTNERS),
    "bc/partner/asset/delete/": Endpoint(
        ("POST",), partner_asset_delete, CENTER_PARTNERS
    ),
    "bc/partner/delete/": Endpoint(("POST",), partner_delete, CENTER_PARTNERS),
}
