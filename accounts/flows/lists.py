"""Read who holds what, list by list, and keep each reading as evidence.

A failed reading is kept too. What it means for a grant is judged elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import transaction

from accounts.flows import connections, pages
from accounts.flows.pages import KeptPages
from accounts.models import Connection, Grantee, GrantRead, PlatformRead, RoleGrant
from accounts.outbound import OutboundError
from accounts.trail import Actor

OUR_SIDE = "read back what we hold"
THEIR_SIDE = "see whether the share left the client's side"

# After these the pages that came are worth nothing either.
DOES_NOT_ADD_UP = {"incomplete", "malformed"}


@dataclass(frozen=True)
class Reading(Sequence[Any]):
    """The rows of one list read to its end, and the evidence of it."""

    read: PlatformRead
    rows: Sequence[Any]

    def __getitem__(self, number: Any) -> Any:
        return self.rows[number]

    def __len__(self) -> int:
        return len(self.rows)

    def speaks_of(self, grants: Sequence[RoleGrant]) -> None:
        """Keep with the evidence what it says of these grants."""
        found = {row.external_id: row.native_role for row in self.rows}
        GrantRead.objects.bulk_create(
            (
                GrantRead(
                    read=self.read, grant=one, found=found.get(listed_as(one), "")
                )
                for one in grants
            ),
            ignore_conflicts=True,
        )


@dataclass
class Reader:
    """On whose behalf lists are read, and whether a person waits for the answer.

    `resumes`: what a worker leaves of a long list is gone on with. Only for whoever
    holds the lease on what is read. `lists` counts those read to their end.
    """

    by: Actor
    in_person: bool
    resumes: bool = False
    lists: int = 0
    _one_center_list_at_a_time: ClassVar[threading.Lock] = threading.Lock()
    _keys: dict[Any, connections.OpenKey] = field(default_factory=dict, repr=False)
    _center_lists: dict[Any, Reading] = field(default_factory=dict, repr=False)

    def partner_accounts(
        self, key: Connection, ours: str, giver: str, grants: Sequence[RoleGrant]
    ) -> Reading:
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
    ) -> Reading:
        """Return every account our center lists, in every relation; read once."""
        if (key.pk, ours) not in self._center_lists:
            self._center_lists[key.pk, ours] = self._read(
                key,
                "center_accounts",
                {"center": ours},
                lambda connector, token: connector.center_accounts(token, ours),
                OUR_SIDE,
                (),
                lasts=not self.in_person,
            )
        reading = self._center_lists[key.pk, ours]
        reading.speaks_of(grants)
        return reading

    def center_accounts_for_all(self, key: Connection, ours: str) -> Reading:
        """Return the center's list, read now; its partners lean on this reading."""
        with self._one_center_list_at_a_time:
            return self.center_accounts(key, ours, ())

    def center_accounts_lately(self, key: Connection, ours: str) -> Reading:
        """Return the center's list as somebody read it a moment ago, else read it.

        Partners that miss something at the same time wait for one reading of it.
        """
        with self._one_center_list_at_a_time:
            restored = pages.lately("center_accounts", {"center": ours})
            if restored is None:
                return self.center_accounts(key, ours, ())
        listing = self._opened(key, OUR_SIDE).ask(
            lambda connector, token: connector.keeping(restored).center_accounts(
                token, ours
            )
        )
        return Reading(restored.read, listing.rows)

    def partners(self, key: Connection, ours: str) -> Reading:
        """Return the centers ours has a partnership with."""
        return self._read(
            key,
            "partners",
            {"center": ours},
            lambda connector, token: connector.partners(token, ours),
            OUR_SIDE,
            (),
        )

    def members(self, key: Connection, ours: str) -> Reading:
        """Return who sits in our center, and who is invited to."""
        return self._read(
            key,
            "members",
            {"center": ours},
            lambda connector, token: connector.members(token, ours),
            OUR_SIDE,
            (),
        )

    def client_accounts(
        self, key: Connection, giver: str, ours: str, grants: Sequence[RoleGrant]
    ) -> Reading:
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
    ) -> Reading:
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
        parameters: Mapping[str, str],
        ask: Callable[[Any, Any], Any],
        purpose: str,
        grants: Sequence[RoleGrant],
        *,
        lasts: bool = False,
    ) -> Reading:
        """Read one list to its end. Raises OutboundError."""
        kept = KeptPages(key, list_name, parameters, lasts=lasts, resumes=self.resumes)
        try:
            listing = self._opened(key, purpose).ask(
                lambda connector, token: ask(connector.keeping(kept), token)
            )
        except OutboundError as error:
            if error.kind in DOES_NOT_ADD_UP:
                kept.forget()
            PlatformRead.objects.create(
                connection=key,
                list_name=list_name,
                parameters=dict(parameters),
                is_whole=False,
                problem=str(error)[:300],
            )
            raise
        self.lists += 1
        return _book(kept, listing, grants)

    def _opened(self, key: Connection, purpose: str) -> connections.OpenKey:
        if (key.pk, purpose) not in self._keys:
            self._keys[key.pk, purpose] = connections.open_key(
                key, purpose=purpose, by=self.by, in_person=self.in_person
            )
        return self._keys[key.pk, purpose]


def _book(kept: KeptPages, listing: Any, grants: Sequence[RoleGrant]) -> Reading:
    evidence = kept.read
    evidence.rows_told = listing.told
    evidence.rows_stored = len(listing)
    evidence.pages = listing.pages
    evidence.trace_ids = list(listing.trace_ids)
    evidence.sha256 = listing.sha256
    evidence.is_whole = True
    reading = Reading(evidence, listing.rows)
    with transaction.atomic():
        evidence.save()
        kept.finish()
        if grants:
            reading.speaks_of(grants)
    return reading


def listed_as(grant: RoleGrant) -> str:
    """Return the id a list shows a grant by: the account's, or the person's on it."""
    if grant.grantee.kind == Grantee.Kind.PERSON:
        return grant.grantee.external_id
    return grant.asset.external_id
