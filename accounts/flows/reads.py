"""What the lists say of a grant: ours, which prove, and the client's, which explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.flows.lists import Reader, Reading
from accounts.flows.sharing import clients_key
from accounts.models import Connection, Grantee, PlatformRead, RoleGrant
from accounts.outbound import OutboundError
from accounts.platforms.roles import Role

# What people arrange on the platform's website: the account's id is all we know then.
BY_WEBSITE = (RoleGrant.Source.METHOD_A, RoleGrant.Source.METHOD_B)


@dataclass(frozen=True)
class Seen:
    """What one complete read from our side said of an account, or a person on it."""

    role: Role | None = None
    native: str = ""
    status: str = ""
    read: PlatformRead | None = None

    @property
    def is_listed(self) -> bool:
        return self.role is not None


def center_rows(reading: Reading) -> dict[str, Seen]:
    """Return what the center-wide list says, by account.

    It tells the role of the login that asks, if that login has one (TikTok facts 5.2):
    an account it lists without a role is there, but nobody can say as what. Of one
    that a partner shares, the partner's own list alone tells our center's role.
    """
    return {
        row.external_id: Seen(
            row.role if _tells_a_role(row) else None,
            row.native_role,
            row.relation_status,
            reading.read,
        )
        for row in reading
    }


def _tells_a_role(row: Any) -> bool:
    is_ours = row.relation_status == "BOUND" and row.relation_type != "OWNER_PARTNER"
    return is_ours and bool(row.native_role)


def listed_rows(reading: Reading) -> dict[str, Seen]:
    """Return what a list of roles says, by account or person.

    A partner's list is the only one that tells the role our center holds by it.
    """
    return {
        row.external_id: Seen(row.role, row.native_role, "BOUND", reading.read)
        for row in reading
    }


def without_roles(rows: dict[str, Seen]) -> dict[str, Seen]:
    """Return the same rows as no proof of a role: for what a partner shares."""
    return {
        account_id: Seen(status=seen.status, read=seen.read)
        for account_id, seen in rows.items()
    }


def our_side(
    reader: Reader,
    key: Connection,
    receiver: Grantee,
    giver: str,
    grants: Sequence[RoleGrant],
) -> dict[Any, Seen]:
    """Merge the two lists that may show a partner's account; by grant.

    Whether the center-wide list shows partner accounts is unconfirmed (TikTok facts
    5.3), so it is asked only about accounts the partner list does not have.
    Raises OutboundError.
    """
    ours = receiver.external_id
    found: dict[str, Seen] = {}
    missing = Seen()
    if giver:
        found = listed_rows(reader.partner_accounts(key, ours, giver, grants))
    if any(grant.asset.external_id not in found for grant in grants):
        reading = reader.center_accounts(key, ours, grants)
        listed = center_rows(reading)
        found = (without_roles(listed) if giver else listed) | found
        if not giver:
            found |= _by_owners(reader, key, ours, reading, grants)
        missing = Seen(read=reading.read)
    return {grant.pk: found.get(grant.asset.external_id, missing) for grant in grants}


def _by_owners(
    reader: Reader,
    key: Connection,
    ours: str,
    listed: Reading,
    grants: Sequence[RoleGrant],
) -> dict[str, Seen]:
    """Return what partners' lists say of what was asked for on the website.

    The books know no giver of it; the center-wide list names the owner's center, and
    no id: partners of that name are looked at. Raises OutboundError.
    """
    wanted = {one.asset.external_id for one in grants if one.source in BY_WEBSITE}
    owners = {
        row.owner_center_name
        for row in listed
        if row.external_id in wanted
        and (row.relation_type, row.relation_status) == ("OWNER_PARTNER", "BOUND")
    }
    found: dict[str, Seen] = {}
    for partner in reader.partners(key, ours) if owners else ():
        if partner.name in owners:
            rows = reader.partner_accounts(key, ours, partner.external_id, grants)
            found |= listed_rows(rows)
    return found


@dataclass
class ClientsSide:
    """What a giving center lists as shared, read when first asked and not again.

    `unlisted` are the grants our side does not list: those the reading is about.
    """

    reader: Reader
    unlisted: Sequence[RoleGrant]
    _lists: dict[Any, frozenset[str] | None] = field(default_factory=dict)

    def shares(self, grant: RoleGrant) -> bool | None:
        """True or False as the client's center lists it; None when we cannot look.

        The client's side knows of our center alone, not of the people in it.
        """
        if grant.via is not None:
            return None
        key, center = clients_key(grant), grant.asset.center
        if key is None or center is None:
            return None
        if key.pk not in self._lists:
            self._lists[key.pk] = self._read(
                key, center.external_id, grant.grantee.external_id
            )
        shared = self._lists[key.pk]
        return None if shared is None else grant.asset.external_id in shared

    def _read(self, key: Connection, giver: str, ours: str) -> frozenset[str] | None:
        try:
            rows = self.reader.client_accounts(key, giver, ours, self.unlisted)
        except OutboundError:
            return None
        return frozenset(row.external_id for row in rows)
