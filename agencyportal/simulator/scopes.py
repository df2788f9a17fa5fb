"""Permissions of the Marketing API and which grants which (TikTok facts 2.3)."""

from __future__ import annotations

from collections.abc import Iterable

ASSET_GROUPS = 7153155400966176769
INVOICES = 7078191955347259394

READ_ACCOUNTS = 100
READ_CENTER = 150
CENTER_ASSETS = 153
CENTER_PARTNERS = 155
CENTER_MEMBERS = 156
CHANGE_LOG = 230
QUERY_POSTS = 690
AUTHORIZE_POSTS = 691
QUERY_IDENTITY = 693

NAMES: dict[int, str] = {
    1: "Ad Account Management",
    10: "Ad Account Information",
    100: "Read Ad Account Information",
    15: "Business Center",
    150: "Read Business Center",
    151: "Create Ad Account",
    152: "Ad Account Balance and Transaction",
    153: "Business Center Asset",
    155: "Business Center Partner Management",
    156: "Business Center Member Management",
    157: "Business Center Billing Group Management",
    ASSET_GROUPS: "Asset Group",
    INVOICES: "Invoice Management",
    23: "Change Log",
    230: "Read Change Log",
    690: "Query TikTok Posts",
    691: "Authorize TikTok Posts",
    693: "Query Identity",
    18000000: "TikTok Accounts",
}

PARENTS: dict[int, int] = {
    10: 1,
    100: 10,
    15: 1,
    **dict.fromkeys((150, 151, 152, 153, 155, 156, 157, ASSET_GROUPS, INVOICES), 15),
    23: 1,
    230: 23,
    **dict.fromkeys((690, 691, 693), 1),
}


def grants(scopes: Iterable[int], needed: int) -> bool:
    """Return True if a scope or one of its parents is among the granted ones."""
    held = set(scopes)
    one: int | None = needed
    while one is not None:
        if one in held:
            return True
        one = PARENTS.get(one)
    return False
