"""Who a row of a member list is: a person by their id, an invited one by address.

An invitation has an address and perhaps no id yet. When an id comes, the holder
becomes that person; if the books have met the person elsewhere, both become one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.flows import practices
from accounts.flows.grants import move
from accounts.models import Asset, Grantee, Member, RoleGrant, User
from accounts.trail import Actor, record

State = RoleGrant.State

LONG_ID = 32


def address_id(email: str) -> str:
    """Return what an invited person is known by until they have an id.

    An address too long for the column is known by its digest: cut, two could be one.
    """
    column: Any = Grantee._meta.get_field("external_id")
    address = email.strip().lower()
    if len(address) <= column.max_length:
        return address
    digest = hashlib.sha256(address.encode()).hexdigest()[:LONG_ID]
    return f"{digest}@{address.rpartition('@')[2]}"[: column.max_length]


def address_of(holder: Grantee) -> str:
    """Return where an invitation of this holder goes."""
    return holder.member.email if holder.member else holder.external_id


def invited_as(platform: str, member: Member) -> Grantee:
    """Return the holder that an invitation of this member is about.

    One who was invited by another address is not: that invitation is that address's.
    """
    people = Grantee.objects.filter(platform=platform, kind=Grantee.Kind.PERSON)
    met = people.filter(member=member).exclude(external_id__contains="@")
    known = met.order_by("external_id").first()
    if known is not None:
        return known
    holder, _ = people.get_or_create(
        external_id=address_id(member.email),
        defaults={
            "platform": platform,
            "kind": Grantee.Kind.PERSON,
            "label": member.name,
            "standing": Grantee.Standing.OURS,
            "member": member,
        },
    )
    return holder


def of_rows(
    center: Asset, rows: Iterable[Any], *, by: Actor
) -> list[tuple[Any, Grantee]]:
    """Return each row of the center's list with whom it is about, booked if new.

    A row with neither an id nor an address is about nobody.
    """
    told = [row for row in rows if row.external_id or row.email]
    ids = {row.external_id for row in told} | {address_id(row.email) for row in told}
    people = Grantee.objects.filter(
        platform=center.platform, kind=Grantee.Kind.PERSON
    ).annotate(address=Lower("member__email"))
    known = people.filter(Q(external_id__in=ids) | Q(address__in=ids))
    book = _Book(center, by, list(known.select_related("member")))
    holders = [(row, book.holder_of(row)) for row in told]
    _link((one.member for _, one in holders if one.member), by=by)
    return holders


class _Book:
    """The holders one center's list may be about."""

    def __init__(self, center: Asset, by: Actor, known: list[Any]) -> None:
        self.center, self.by = center, by
        self.by_id: dict[str, Grantee] = {one.external_id: one for one in known}
        times = Counter(one.address for one in known)
        self.by_address: dict[str, Grantee] = {
            one.address: one for one in known if one.address and times[one.address] == 1
        }

    def holder_of(self, row: Any) -> Grantee:
        address = address_id(row.email)
        invited = self.by_id.get(address) if address else None
        if not row.external_id:
            holder = invited or self.by_address.get(address)
        else:
            holder = self.by_id.get(row.external_id)
            if invited is not None:
                holder = _become(invited, holder, row.external_id, by=self.by)
        if holder is None:
            holder = self._make(row.external_id or address, row)
        self._note(holder, row)
        return holder

    def _make(self, external_id: str, row: Any) -> Grantee:
        holder, _ = Grantee.objects.get_or_create(
            platform=self.center.platform,
            kind=Grantee.Kind.PERSON,
            external_id=external_id,
            defaults={
                "label": _label(row.name),
                "standing": Grantee.Standing.OURS,
            },
        )
        self.by_id[external_id] = holder
        return holder

    def _note(self, holder: Grantee, row: Any) -> None:
        """Keep the name as it is told, and whose address it is."""
        told = {
            "label": _label(row.name or holder.label or row.email),
            "member": holder.member or self._member(row),
        }
        if changed := [name for name in told if getattr(holder, name) != told[name]]:
            for name in changed:
                setattr(holder, name, told[name])
            holder.save(update_fields=changed)

    def _member(self, row: Any) -> Member | None:
        """Return whose address it is; somebody new, so that they can be chosen.

        Whoever sits in our center is one of our people, whether or not the directory
        knew. A masked address is nobody's, nor is one too long to be one.
        """
        try:
            validate_email(row.email)
        except ValidationError:
            return None
        if "*" in row.email or len(row.email) > practices.MOST:
            return None
        with transaction.atomic():
            member, made = member_at(row.email, name=row.name or row.email)
            if made:
                record(
                    "member.found",
                    by=self.by,
                    subject=member,
                    data={"center": str(self.center)},
                )
        return member


def member_at(email: str, *, name: str) -> tuple[Member, bool]:
    """Return whose address it is, and whether they are new in the directory."""
    known = Member.objects.filter(email__iexact=email).first()
    if known is not None:
        return known, False
    column: Any = Member._meta.get_field("name")
    return Member.objects.get_or_create(
        email=email.lower(), defaults={"name": name[: column.max_length]}
    )


def _link(members: Iterable[Member], *, by: Actor) -> None:
    """Who signs in here by a member's own address is that member from now on."""
    free = {one.email.lower(): one for one in members if one.user_id is None}
    users = User.objects.filter(email__in=list(free), is_active=True, member=None)
    for user in users if free else ():
        member = free[user.email]
        with transaction.atomic():
            unlinked = Member.objects.filter(pk=member.pk, user=None)
            if unlinked.update(user=user):
                record(
                    "member.linked",
                    by=by,
                    subject=member,
                    data={"colleague": str(user)},
                )


def _label(name: str) -> str:
    column: Any = Grantee._meta.get_field("label")
    return name[: column.max_length]


def _become(
    invited: Grantee, known: Grantee | None, external_id: str, *, by: Actor
) -> Grantee:
    """Let an invited holder become the person who accepted."""
    with transaction.atomic():
        if known is None:
            invited.external_id = external_id
            invited.save(update_fields=["external_id"])
            return invited
        for grant in invited.grants.live().select_related("asset__client"):
            _make_room(known, grant, by=by)
        RoleGrant.objects.filter(grantee=invited).update(grantee=known)
        known.member = known.member or invited.member
        known.save(update_fields=["member"])
        invited.delete()
    return known


def _make_room(known: Grantee, grant: RoleGrant, *, by: Actor) -> None:
    """One live grant of each kind: what was asked for stays, what was found goes."""
    twin = known.grants.live().filter(asset=grant.asset_id, family=grant.family).first()
    if twin is not None:
        move(twin if twin.state == State.FOUND else grant, State.EXPIRED, by=by)
