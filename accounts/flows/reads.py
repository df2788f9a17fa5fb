"""Read who holds what, list by list, and keep each reading as evidence.

A failed reading is kept too. What it means for a grant is judged in proof.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.flows import connections
from accounts.flows.sharing import clients_key
from accounts.models import Connection, Grantee, GrantRead, PlatformRead, RoleGrant
from accounts.outbound import OutboundError
from accounts.platforms.roles import Role
from accounts.trail import Actor

OUR_SIDE = "read back what we hold"
THEIR_SIDE = "see whether the share left the client's side"


@dataclass(frozen=True)
class Seen:
    """What one complete read from our side said of an account."""

    role: Role | None = None
    native: str = ""
    status: str = ""

    @property
    def is_listed(self) -> bool:
        return self.role is not None


@dataclass(frozen=True)
class Reader:
    """On whose behalf lists are read, and whether a person waits for the answer."""

    by: Actor
    in_person: bool

    def partner_accounts(
        self, key: Connection, ours: str, giver: str, grants: Sequence[RoleGrant]
    ) -> Sequence[Any]:
        """Return what the giver's center shares to ours, as ours lists it."""
        return self._read(
            key,
            "partner_accounts",
            {"center": ours, "partner": giver, "share_type": "SHARED"},
            lambda connector, token: connector.partner_accounts(
                token, ours, giver, "SHARED"
            ),
            OUR_SIDE,
            grants,
        )

    def center_accounts(
        self, key: Connection, ours: str, grants: Sequence[RoleGrant]
    ) -> Sequence[Any]:
        """Return every account our center lists, in every relation."""
        return self._read(
            key,
            "center_accounts",
            {"center": ours},
            lambda connector, token: connector.center_accounts(token, ours),
            OUR_SIDE,
            grants,
        )

    def client_accounts(
        self, key: Connection, giver: str, ours: str, grants: Sequence[RoleGrant]
    ) -> Sequence[Any]:
        """Return what the giver's center shares to ours, as the giver's lists it."""
        return self._read(
            key,
            "client_accounts",
            {"center": giver, "partner": ours, "share_type": "SHARING"},
            lambda connector, token: connector.partner_accounts(
                token, giver, ours, "SHARING"
            ),
            THEIR_SIDE,
            grants,
        )

    def account_members(
        self,
        key: Connection,
        ours: str,
        grant: RoleGrant,
        people: Sequence[RoleGrant] = (),
    ) -> Sequence[Any]:
        """Return who of our center is on the account that it holds by `grant`.

        `people` are the grants the reading is about, beside the center's own.
        """
        account_id = grant.asset.external_id
        return self._read(
            key,
            "account_members",
            {"center": ours, "account": account_id},
            lambda connector, token: connector.account_members(token, ours, account_id),
            OUR_SIDE,
            people,
        )

    def _read(
        self,
        key: Connection,
        list_name: str,
        parameters: dict[str, str],
        ask: Callable[[Any, Any], Any],
        purpose: str,
        grants: Sequence[RoleGrant],
    ) -> Sequence[Any]:
        """Read one list to its end. Raises OutboundError."""
        evidence = PlatformRead(
            connection=key, list_name=list_name, parameters=parameters
        )
        try:
            listing = connections.call(
                key, ask, purpose=purpose, by=self.by, in_person=self.in_person
            )
        except OutboundError as error:
            evidence.problem = str(error)[:300]
            evidence.save()
            raise
        _keep(evidence, listing, grants)
        rows: Sequence[Any] = listing.rows
        return rows


def _keep(evidence: PlatformRead, listing: Any, grants: Sequence[RoleGrant]) -> None:
    found = {row.external_id: row.native_role for row in listing.rows}
    evidence.rows_told = listing.told
    evidence.rows_stored = len(listing)
    evidence.pages = listing.pages
    evidence.trace_ids = list(listing.trace_ids)
    evidence.sha256 = listing.sha256
    with transaction.atomic():
        evidence.save()
        GrantRead.objects.bulk_create(
            GrantRead(
                read=evidence,
                grant=grant,
                found=found.get(_listed_as(grant), ""),
            )
            for grant in grants
        )


def _listed_as(grant: RoleGrant) -> str:
    """Return the id a list shows a grant by: the account's, or the person's on it."""
    if grant.grantee.kind == Grantee.Kind.PERSON:
        return grant.grantee.external_id
    return grant.asset.external_id


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
    if giver:
        for row in reader.partner_accounts(key, ours, giver, grants):
            found[row.external_id] = Seen(row.role, row.native_role, "BOUND")
    if any(grant.asset.external_id not in found for grant in grants):
        for row in reader.center_accounts(key, ours, grants):
            bound = row.relation_status == "BOUND" and row.native_role
            seen = Seen(
                row.role if bound else None, row.native_role, row.relation_status
            )
            found.setdefault(row.external_id, seen)
    return {grant.pk: found.get(grant.asset.external_id, Seen()) for grant in grants}


@dataclass
class ClientsSide:
    """What a giving center lists as shared, read when first asked and not again.

    `unlisted` are the grants our side does not list: those the reading is about.
    """

    reader: Reader
    unlisted: Sequence[RoleGrant]
    _lists: dict[Any, frozenset[str] | None] = field(default_factory=dict)

    def shares(self, grant: RoleGrant) -> bool | None:
        """True or False as the client's center lists it; None when we cannot look."""
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
