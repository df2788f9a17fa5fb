"""`user/info` and `advertiser/info`: who authorised, and ad accounts in detail.

TikTok facts 2.2 and 6.
"""

from __future__ import annotations

from typing import Any

from agencyportal.simulator.calls import Call, Endpoint, is_held
from agencyportal.simulator.oauth import reachable
from agencyportal.simulator.scopes import READ_ACCOUNTS
from agencyportal.simulator.state import Account
from agencyportal.simulator.wire import NO_PERMISSION, TOO_MANY_IDS, ApiError


def user_info(call: Call) -> dict[str, Any]:
    person = call.person
    name, _, domain = person.email.partition("@")
    return {
        "core_user_id": person.user_id,
        "display_name": person.name,
        "email": f"{name[:1]}***@{domain}",
        "create_time": person.create_time,
        "avatar_url": "",
    }


def advertiser_info(call: Call) -> dict[str, Any]:
    ids = call.params.ids("advertiser_ids", least=1)
    names = call.params.texts("fields")
    most = int(call.switch("advertiser_info_max_ids"))
    if len(ids) > most:
        raise ApiError(TOO_MANY_IDS, f"advertiser_ids: at most {most} in one call.")
    rows = []
    for advertiser_id in ids:
        account = call.world.account(advertiser_id)
        if account is None or not _may_read(call, account):
            raise ApiError(
                NO_PERMISSION, f"No permission to operate advertiser {advertiser_id}."
            )
        row = _describe(call, account)
        if names:
            row = {k: v for k, v in row.items() if k in names or k == "advertiser_id"}
        rows.append(row)
    return {"list": rows}


def _may_read(call: Call, account: Account) -> bool:
    """Assigned accounts, and all that a center holds for its admins."""
    assert call.token is not None
    world = call.world
    if account in reachable(call, call.token):
        return True
    return call.token.advertiser_ids is None and any(
        is_held(call, member.bc_id, account)
        for member in world.members
        if member.user_id == call.user_id and world.is_admin(member.bc_id, call.user_id)
    )


def _describe(call: Call, account: Account) -> dict[str, Any]:
    row: dict[str, Any] = {
        "advertiser_id": account.advertiser_id,
        "name": account.name,
        "company": account.company,
        "description": "",
        "industry": "291408",
        "address": "",
        "country": account.country,
        "language": "en",
        "status": account.status,
        "role": "ROLE_ADVERTISER",
        "rejection_reason": "",
        "advertiser_account_type": account.advertiser_account_type,
        "currency": account.currency,
        "balance": account.balance,
        "timezone": account.timezone,
        "display_timezone": account.timezone,
        "create_time": account.create_time,
        "contacter": "A***",
        "email": "a***@someone.example",
        "cellphone_number": "",
        "telephone_number": "",
        "license_no": "",
        "license_url": "",
    }
    # Only for an admin of the owning center, never through a partner (facts 6).
    if account.owner_bc_id and call.world.is_admin(account.owner_bc_id, call.user_id):
        row["owner_bc_id"] = account.owner_bc_id
    return row


ENDPOINTS = {
    "user/info/": Endpoint(
        ("GET", "POST"), user_info, method_switch="user_info_method"
    ),
    "advertiser/info/": Endpoint(("GET",), advertiser_info, READ_ACCOUNTS),
}
