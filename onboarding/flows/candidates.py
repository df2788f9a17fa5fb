"""What a login could share: read for the visit, kept in the visit, purged with it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.flows import claims, connections
from accounts.models import Asset, Connection, RoleGrant
from accounts.trail import Actor
from onboarding.models import RequestItem

PURPOSE = "list the accounts the client may share"
# Who owns what the client cannot share.
COMPANY, PERSON = "company", "person"


class OurOwn(Exception):
    """Whoever signed in runs one of our own Business Centers: no client's login."""


def read(
    connection: Connection, item: RequestItem, *, by: Actor
) -> list[dict[str, Any]]:
    """Return the login's accounts by Business Center, as plain JSON values.

    Each group: {center_id, center_name, rows}; each row: {external_id, name,
    currency, time_zone, native_status, native_role, can_choose, why_not, owned_by,
    is_already}. Accounts outside every center come last with an empty center id;
    centers we have booked for another client, and our own, are left out.
    Raises OutboundError and OurOwn.
    """

    def ask(what: Any) -> Any:
        return connections.call(
            connection, what, purpose=PURPOSE, by=by, in_person=True
        )

    groups: list[dict[str, Any]] = []
    seen: set[str] = set()
    for center in ask(lambda c, token: c.centers(token)):
        if center.is_admin:
            listing = ask(
                lambda c, token, i=center.external_id: c.center_accounts(token, i)
            )
            rows = [_row(account, center) for account in listing.rows]
        else:
            listing = ask(
                lambda c, token, i=center.external_id: c.my_accounts(token, i)
            )
            rows = [
                _closed_row(account, not_admin(center.name)) for account in listing.rows
            ]
        seen.update(row["external_id"] for row in rows)
        groups.append(
            {
                "center_id": center.external_id,
                "center_name": center.name,
                "is_admin": center.is_admin,
                "rows": rows,
            }
        )
    alone = [
        _closed_row(account, _individual(), PERSON)
        for account in ask(lambda c, token: c.reachable_accounts(token))
        if account.external_id not in seen
    ]
    if alone:
        groups.append(
            {"center_id": "", "center_name": "", "is_admin": False, "rows": alone}
        )
    groups = _leave_out_others(groups, item)
    _add_details(groups, ask)
    _add_what_we_know(groups, item)
    return groups


def why_nothing_to_choose(groups: list[dict[str, Any]]) -> str:
    """Return the problem page when there is nothing to tick, or ""."""
    rows = [row for group in groups for row in group["rows"]]
    if any(row["can_choose"] or row["is_already"] for row in rows):
        return ""
    centers = [group for group in groups if group["center_id"]]
    if not centers:
        return "no_center" if rows else "no_accounts"
    if not any(group["is_admin"] for group in centers):
        return "not_admin"
    return "no_accounts" if not rows else "none_shareable"


def _row(account: Any, center: Any) -> dict[str, Any]:
    """A row of a center this login administers (TikTok facts 4: relation types)."""
    if account.is_owned:
        return _base(account) | {"can_choose": True, "why_not": ""}
    if account.relation_type == "OWNER_PARTNER":
        owner = account.owner_center_name or _("another company")
        why_not = _("It belongs to %(owner)s. They share it.") % {"owner": owner}
        return _closed_row(account, why_not, COMPANY)
    if account.relation_type == "OWNER_INDIVIDUAL":
        return _closed_row(account, _individual(), PERSON)
    return _closed_row(
        account,
        _("%(center)s does not hold it yet.") % {"center": center.name},
    )


def _base(account: Any) -> dict[str, Any]:
    return {
        "external_id": account.external_id,
        "name": account.name,
        "native_role": getattr(account, "native_role", ""),
        "currency": "",
        "time_zone": "",
        "native_status": getattr(account, "status", "") or "",
        "is_already": False,
    }


def _closed_row(account: Any, why_not: str, owned_by: str = "") -> dict[str, Any]:
    closed = {"can_choose": False, "why_not": why_not, "owned_by": owned_by}
    return _base(account) | closed


def not_admin(center: str) -> str:
    return _(
        "You are not an admin of %(center)s. Send this link to somebody who is."
    ) % {"center": center}


def _individual() -> str:
    return _(
        "One person owns it, no Business Center. Add it to your Business Center first."
    )


def _rows_by_id(groups: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """One account may stand in two centers: it is told about and closed in both."""
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for group in groups:
        for row in group["rows"]:
            rows[row["external_id"]].append(row)
    return dict(rows)


def _add_details(groups: list[dict[str, Any]], ask: Any) -> None:
    rows = _rows_by_id(groups)
    choosable = [i for i, same in rows.items() if any(r["can_choose"] for r in same)]
    if not choosable:
        return
    for details in ask(lambda c, token: c.account_details(token, choosable)):
        for row in rows[details.external_id]:
            row.update(
                currency=details.currency,
                time_zone=details.time_zone,
                native_status=details.status,
            )


def _leave_out_others(
    groups: list[dict[str, Any]], item: RequestItem
) -> list[dict[str, Any]]:
    """A login may serve two companies, or be a member with us: that has no place here.

    Raises OurOwn for an admin of ours.
    """
    ours = Q(owner=Asset.Owner.AGENCY)
    owners = dict(
        Asset.objects.filter(
            ours | Q(client__isnull=False) & ~Q(client=item.client),
            platform=item.platform,
            kind=Asset.Kind.CENTER,
            external_id__in=[group["center_id"] for group in groups],
        ).values_list("external_id", "owner")
    )
    for group in groups:
        if owners.get(group["center_id"]) == Asset.Owner.AGENCY and group["is_admin"]:
            raise OurOwn
    return [group for group in groups if group["center_id"] not in owners]


def _add_what_we_know(groups: list[dict[str, Any]], item: RequestItem) -> None:
    """Close rows that are ours already or that our books hold for somebody else."""
    rows = _rows_by_id(groups)
    booked = Asset.objects.filter(
        platform=item.platform,
        kind=Asset.Kind.AD_ACCOUNT,
        external_id__in=rows,
        client__isnull=False,
    ).exclude(client=item.client)
    for asset in booked:
        if claims.is_only_typed(asset):
            continue  # the login proves more than an id that somebody typed
        for row in rows[asset.external_id]:
            row.update(
                can_choose=False,
                why_not=_(
                    "We have it in our books already. Your contact here looks at it."
                ),
            )
    held = RoleGrant.objects.filter(
        asset__platform=item.platform,
        asset__external_id__in=rows,
        asset__client=item.client,
        grantee=item.receiver,
        state__in=(RoleGrant.State.ACTIVE, *RoleGrant.UNSETTLED),
    ).values_list("asset__external_id", flat=True)
    for external_id in held:
        for row in rows[external_id]:
            row.update(
                can_choose=False,
                is_already=True,
                why_not=_("Shared with us already. Nothing to do."),
            )
