"""End a partnership from our side, with our own key, for a partner nobody knows.

What becomes of shares in either direction is unconfirmed, and so is whether whoever
receives may ask at all (TikTok facts 5.3): everything between both is read first and
shown, and the lists are read again afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import agency, connections, withdrawing
from accounts.flows.approvals import digest_of
from accounts.flows.lists import Reader
from accounts.flows.seating import NO_KEY
from accounts.models import (
    Asset,
    CenterSync,
    Connection,
    Event,
    Grantee,
    RoleGrant,
)
from accounts.outbound import OutboundError
from accounts.trail import Actor, record

State = RoleGrant.State

IS_KNOWN = (
    "{partner} is {whose}. A partnership that is known ends with its shares: take each"
    " back on its own page."
)
NOT_READ = "What {center} and {partner} share could not be read, so nothing ends: {why}"
HAS_CHANGED = "What is shared has changed since you looked. Read it again."
ENDS_WITH_IT = "The partnership with {partner} is being ended."
STAYS = (
    "{center} still lists {partner}. Our Business Center admin ends it on the website,"
    " under Partners. {why}"
)

UNDER_WAY = ("partner.end_asked", "partner.end_sent")


class CannotEnd(Exception):
    """Says in a sentence why nothing is ended, and what to do instead."""


@dataclass(frozen=True)
class Between:
    """What a fresh read told of both directions; `digest` is bound to all of it."""

    given_to_us: Sequence[Any]
    given_by_us: Sequence[Any]

    @property
    def digest(self) -> str:
        lists = {"to_us": self.given_to_us, "by_us": self.given_by_us}
        return digest_of(
            {
                name: sorted([one.external_id, one.native_role] for one in rows)
                for name, rows in lists.items()
            }
        )


def why_not(partner: Asset) -> str:
    """Return in a sentence why it is not ended from here; "" if it may be."""
    if partner.owner == Asset.Owner.UNKNOWN:
        return ""
    whose = partner.client or partner.get_owner_display().lower()
    return IS_KNOWN.format(partner=partner, whose=whose)


def look(center: Asset, partner: Asset, *, by: Actor) -> Between:
    """Read what the two share, in either direction. Raises CannotEnd."""
    problem = NO_KEY.format(center=center)
    ours, theirs = center.external_id, partner.external_id
    for key in agency.keys_for(center.as_grantee):
        reader = Reader(by, in_person=True)
        try:
            return Between(
                reader.partner_accounts(key, ours, theirs, ()),
                reader.client_accounts(key, ours, theirs, ()),
            )
        except OutboundError as error:
            problem = str(error)
    words = {"center": center, "partner": partner, "why": problem}
    raise CannotEnd(NOT_READ.format(**words))


def held(
    center: Asset, partner: Asset, listed: Sequence[Any] = ()
) -> QuerySet[RoleGrant]:
    """Return what our center holds of the partner: in the books, or listed just now."""
    ids = [one.external_id for one in listed]
    theirs: QuerySet[RoleGrant] = RoleGrant.objects.filter(
        Q(asset__center=partner.pk) | Q(asset__external_id__in=ids),
        asset__platform=partner.platform,
        grantee__center=center.pk,
        grantee__kind=Grantee.Kind.CENTER,
        state__in=withdrawing.TAKEABLE,
    )
    return theirs.select_related("asset__client", "asset__center", "grantee")


def ending(partners: Iterable[Asset]) -> set[str]:
    """Return the keys of those that are being ended: asked for, and not over yet."""
    told = Event.objects.filter(
        action__startswith="partner.", subject_key__in=[str(one.pk) for one in partners]
    )
    last = dict(told.order_by("id").values_list("subject_key", "action"))
    return {key for key, action in last.items() if action in UNDER_WAY}


def end(center: Asset, partner: Asset, *, digest: str, reason: str, by: Actor) -> None:
    """Commit the end of a partnership that was just looked at; a task carries it out.

    Raises CannotEnd if it is known, or more is shared than was shown.
    """
    if no := why_not(partner):
        raise CannotEnd(no)
    between = look(center, partner, by=by)
    if between.digest != digest:
        raise CannotEnd(HAS_CHANGED)
    because = ENDS_WITH_IT.format(partner=partner)
    with transaction.atomic():
        _tell("partner.end_asked", center, partner, by=by, reason=reason)
        for grant in held(center, partner, between.given_to_us):
            withdrawing.go_along(grant, reason=reason, because=because, by=by)
        async_task("accounts.tasks.end_partner", str(center.pk), str(partner.pk))


def carry_out(center: Asset, partner: Asset, *, by: Actor) -> bool:
    """Ask until no list of ours shows the partner; True once it is gone.

    Read first: a task that runs twice finds it ended.
    """
    known = why_not(partner)  # somebody may have said so since it was asked
    why = known or NO_KEY.format(center=center)
    for key in [] if known else agency.keys_for(center.as_grantee):
        try:
            if not _is_partner(key, center, partner, by=by):
                _book_ended(center, partner, by=by)
                return True
            why = _ask(key, center, partner, by=by)
            if not _is_partner(key, center, partner, by=by):
                _book_ended(center, partner, by=by)
                return True
        except OutboundError as error:
            why = str(error)
    with transaction.atomic():
        words = {"center": center, "partner": partner, "why": why}
        _tell("partner.stays", center, partner, by=by, why=why)
        _rows(center, partner).update(problem=STAYS.format(**words)[:300])
    return False


def _ask(key: Connection, center: Asset, partner: Asset, *, by: Actor) -> str:
    """Make the call; return what was said against it."""
    with transaction.atomic():
        _tell("partner.end_sent", center, partner, by=by, key=str(key))
    try:
        connections.call(
            key,
            lambda connector, token: connector.end_partner(
                token, center.external_id, partner.external_id
            ),
            purpose="end a partnership nobody knows",
            by=by,
            in_person=True,
        )
    except OutboundError as error:
        return str(error)
    return "The platform said yes."


def _is_partner(key: Connection, center: Asset, partner: Asset, *, by: Actor) -> bool:
    listed = Reader(by, in_person=True).partners(key, center.external_id)
    return partner.external_id in {one.external_id for one in listed}


def _book_ended(center: Asset, partner: Asset, *, by: Actor) -> None:
    """The partnership is gone; its row goes when nothing of theirs is held by us."""
    with transaction.atomic():
        leaving = RoleGrant.objects.filter(
            grantee__center=center.pk,
            asset__center=partner.pk,
            state=State.WITHDRAWING,
        )
        leaving.update(next_check_at=timezone.now())
        ids = [str(pk) for pk in leaving.values_list("pk", flat=True)]
        if ids:
            async_task("accounts.tasks.carry_out_grants", ids)
        if not ids and not held(center, partner).exists():
            _rows(center, partner).delete()
        _tell("partner.ended", center, partner, by=by)


def _rows(center: Asset, partner: Asset) -> Any:
    return CenterSync.objects.filter(center=center.pk, partner_id=partner.external_id)


def _tell(
    action: str, center: Asset, partner: Asset, *, by: Actor, **data: Any
) -> None:
    told = {"center": str(center), "partner": str(partner), **data}
    record(action, by=by, subject=partner, data=told)
