"""Read what one row of the timetable stands for, and compare it with the books.

A center's own row is its center-wide list, its partners and its members, once for all
of them; a partner's row is what that partner shares. Then, account by account, who of
our people is on what our center holds. One call a page: the interface offers no fewer.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.flows import claims, comparing, drift, found, roster
from accounts.flows.comparing import Tally
from accounts.flows.drift import News
from accounts.flows.leases import LEASE
from accounts.flows.lists import Reader, Reading
from accounts.flows.reads import Seen, center_rows, listed_rows, without_roles
from accounts.models import Asset, CenterSync, Connection, Grantee, RoleGrant
from accounts.outbound import OutboundError

# A round that was broken off goes on where it stood; after longer it begins anew.
GOES_ON_WITHIN = dt.timedelta(hours=1)
# An account of which TikTok tells us nothing does not stop the others.
ONES_FAULT = {"bad_request", "no_permission", "gone", "lost_access"}
# What our center owns nobody gave it; what partners give, their own lists tell.
NOT_GIVEN_HERE = {"OWNER_BC", "OWNER_PARTNER"}


@dataclass
class Round:
    """One run over a row; `tally` counts the news, `problems` say what was not read.

    `failure` is what the portal stumbled over, where it did.

    A dry one writes nothing down but the evidence of what it read.
    """

    row: CenterSync
    reader: Reader
    is_dry: bool = False
    ends_at: float = math.inf
    is_over: bool = False
    failure: Exception | None = None
    problems: list[str] = field(default_factory=list)
    partners: list[CenterSync] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        read_at = self.row.last_read_at
        self.is_known = read_at is not None
        is_recent = read_at is not None and timezone.now() - read_at < GOES_ON_WITHIN
        self._has_lists = bool(self.row.cursor) and is_recent
        self._missing: set[str] = set()

    @property
    def ours(self) -> str:
        return self.row.center.external_id

    @property
    def receiver(self) -> Grantee:
        holder: Grantee = self.row.center.as_grantee
        return holder

    def read(self, key: Connection) -> None:
        """Read what is left of the row; `is_over` unless the time was up before.

        Raises OutboundError; another key may then go on.
        """
        if not self._has_lists:
            self._note(cursor="")
            self._read_lists(key)
            self._has_lists = True
            self._note(last_read_at=timezone.now())
        held = self._grants().filter(
            self._here(),
            state__in=RoleGrant.HELD,
            missed_at__isnull=True,
            asset__external_id__gt=self.row.cursor,
        )
        for grant in held.order_by("asset__external_id"):
            if grant.asset.external_id in self._missing:
                continue
            if time.monotonic() > self.ends_at:
                return
            self._read_account(key, grant)
            self._note(cursor=grant.asset.external_id)
        self.is_over = True

    def _note(self, **values: Any) -> None:
        """Write down how far it is; who comes that far holds on to the lease."""
        for name, value in values.items():
            setattr(self.row, name, value)
        if not self.is_dry:
            values["lease_until"] = timezone.now() + LEASE
            CenterSync.objects.filter(pk=self.row.pk).update(**values)

    def _read_lists(self, key: Connection) -> None:
        if self.row.partner_id:
            self._read_partner(key)
        else:
            self._read_center(key)

    def _read_center(self, key: Connection) -> None:
        partners = self.reader.partners(key, self.ours)
        reading = self.reader.center_accounts_for_all(key, self.ours)
        self._book_partners(partners)
        seen = center_rows(reading)
        given = [
            one
            for one in reading
            if one.relation_status == "BOUND"
            and one.relation_type not in NOT_GIVEN_HERE
        ]
        self._compare(reading, seen, given)
        self._read_members(key)

    def _read_members(self, key: Connection) -> None:
        """Read who sits in the center; a key that may not read it reads the rest."""
        try:
            reading = self.reader.members(key, self.ours)
        except OutboundError as error:
            if error.kind not in ONES_FAULT:
                raise
            self.problems.append(f"Members of {self.row.center}: {error}")
            return
        self.tally += roster.take_in(
            self.row.center, reading, by=self.reader.by, is_dry=self.is_dry
        )

    def _read_partner(self, key: Connection) -> None:
        partner_id = self.row.partner_id
        reading = self.reader.partner_accounts(key, self.ours, partner_id, ())
        giver = Asset.objects.filter(
            platform=self.row.center.platform,
            kind=Asset.Kind.CENTER,
            external_id=partner_id,
        ).first()

        def center_wide() -> Mapping[str, Seen]:
            lately = self.reader.center_accounts_lately(key, self.ours)
            told = without_roles(center_rows(lately))
            is_older = lately.read.read_at < reading.read.read_at
            if is_older and self._is_contradicted(told):
                anew = self.reader.center_accounts_for_all(key, self.ours)
                told = without_roles(center_rows(anew))
            return told

        seen = listed_rows(reading)
        self._compare(reading, seen, reading, giver=giver, elsewhere=center_wide)

    def _is_contradicted(self, told: Mapping[str, Seen]) -> bool:
        """True when another list holds on to what this one does not show."""
        return any(told[one].status == "BOUND" for one in self._missing & set(told))

    def _compare(
        self,
        reading: Reading,
        seen: Mapping[str, Seen],
        given: Iterable[Any],
        *,
        giver: Asset | None = None,
        elsewhere: Any = dict,
    ) -> None:
        """Book the grants a list is about, then what it gives that has no grant."""
        rows = {one.external_id: one for one in given}
        if giver is not None and not self.is_dry:
            claims.give_up_other(giver, rows, by=self.reader.by)
        every = list(self._grants().filter(self._here() | _of(rows)))
        apart = self._set_apart(every, seen, giver)
        grants = [one for one in every if one not in apart]
        self._missing = {one.asset.external_id for one in grants} - set(seen)
        self.tally += comparing.compare(
            grants,
            seen,
            reading,
            elsewhere=elsewhere,
            by=self.reader.by,
            is_dry=self.is_dry,
        )
        for grant in () if self.is_dry else grants:
            if row := rows.get(grant.asset.external_id):
                found.refresh(grant.asset, row, giver=giver)
        known = {grant.asset.external_id for grant in every}
        self._book_found(
            (one for one in rows.values() if one.external_id not in known),
            lambda row: found.account(
                self.receiver,
                row,
                seen[row.external_id],
                giver=giver,
                by=self.reader.by,
            ),
        )
        if giver is not None and not self.is_dry:
            claims.follow_accounts(giver, by=self.reader.by)

    def _set_apart(
        self,
        grants: Iterable[RoleGrant],
        seen: Mapping[str, Seen],
        giver: Asset | None,
    ) -> set[RoleGrant]:
        """Return those the books know from another center: its own list proves them."""
        if giver is None:
            return set()
        apart = {one for one in grants if claims.is_from_elsewhere(one.asset, giver)}
        self.tally += comparing.in_batches(
            apart,
            lambda one: drift.book_elsewhere(
                one, seen[one.asset.external_id], giver, by=self.reader.by
            ),
            is_dry=self.is_dry,
        )
        return apart

    def _read_account(self, key: Connection, grant: RoleGrant) -> None:
        try:
            reading = self.reader.account_members(key, self.ours, grant)
        except OutboundError as error:
            if error.kind not in ONES_FAULT:
                raise
            self.problems.append(f"{grant.asset}: {error}")
            return
        seen = listed_rows(reading)
        people = list(_along(grant.under.live()))
        self.tally += comparing.compare(
            people,
            seen,
            reading,
            elsewhere=dict,
            by=self.reader.by,
            is_dry=self.is_dry,
        )
        known = {one.grantee.external_id for one in people}
        self._book_found(
            (one for one in reading if one.external_id not in known),
            lambda row: found.person(
                grant, row, seen[row.external_id], by=self.reader.by
            ),
        )

    def _book_found(self, rows: Iterable[Any], book: Any) -> None:
        self.tally += comparing.in_batches(
            rows,
            lambda row: News.FOUND if book(row) is not None else News.NONE,
            is_dry=self.is_dry,
        )

    def _book_partners(self, partners: Reading) -> None:
        """Give each partner a row of its own; drop those nothing is left to read of."""
        center = self.row.center
        givers = self._grants().exclude(self._here())
        ids = set(givers.values_list("asset__center__external_id", flat=True))
        with transaction.atomic():
            rows = {one.external_id: found.partner(center, one) for one in partners}
            for giver in ids - set(rows):
                rows[giver], _ = CenterSync.objects.get_or_create(
                    center=center, partner_id=giver
                )
            over = CenterSync.objects.filter(center=center)
            over.exclude(partner_id__in=["", *rows]).delete()
            self.partners = list(rows.values())
            if self.is_dry:
                transaction.set_rollback(True)

    def _grants(self) -> QuerySet[RoleGrant]:
        """What our center holds or is to hold."""
        live: QuerySet[RoleGrant] = RoleGrant.objects.live().filter(
            grantee=self.receiver, family=RoleGrant.Family.AD_ACCOUNT
        )
        return _along(live)

    def _here(self) -> Q:
        """The accounts this row is about, as far as the books know them."""
        if self.row.partner_id:
            return Q(asset__center__external_id=self.row.partner_id)
        return Q(asset__center=None) | Q(asset__center=self.row.center)


def _along(grants: QuerySet[RoleGrant]) -> QuerySet[RoleGrant]:
    return grants.select_related(
        "asset__client", "asset__center", "grantee", "approval"
    )


def _of(rows: Mapping[str, Any]) -> Q:
    return Q(asset__external_id__in=list(rows))
