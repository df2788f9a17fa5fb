"""Another person's yes to exactly what was asked."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import Approval, Client, Event, RoleGrant, User
from accounts.models.people import KNOWN_FOR
from accounts.platforms.roles import Role
from accounts.roles import is_access_owner
from accounts.trail import Actor, record
from accounts.trail.canonical import canonical_json
from accounts.zones import house_day

MADE = ("user.added", "user.changed")


class CannotDecide(Exception):
    """Says in a sentence why this person may not decide this."""


@dataclass(frozen=True)
class Matter:
    """What somebody else decides about.

    `what` is the matter as it stands now, in ids: a yes is bound to it. `said` is how
    the trail names it, beside its subject and client.
    """

    what: dict[str, Any]
    said: dict[str, str]
    subject: Model
    client: Client | None


def digest_of(what: dict[str, Any]) -> str:
    """Return the SHA-256 of `what` in canonical JSON: any edit makes another."""
    return hashlib.sha256(canonical_json(what).encode()).hexdigest()


def is_high(role: str, family: str = RoleGrant.Family.AD_ACCOUNT) -> bool:
    """True for what can do more than work: another's yes and a last day go with it."""
    return role == Role.ADMIN or family == RoleGrant.Family.FINANCE


def covers(approval: Approval | None, ends_on: dt.date | None) -> bool:
    """True while another's yes stands and its last day is not over."""
    is_yes = approval is not None and approval.decision == Approval.Decision.APPROVED
    return is_yes and ends_on is not None and ends_on >= house_day()


def is_backed(grant: RoleGrant) -> bool:
    """True when what is asked of a grant needs no other's yes, or has it today."""
    if not is_high(grant.asked_role, grant.family):
        return True
    return covers(grant.approval, grant.ends_on)


def ask(*, what: dict[str, Any], asked_by: User) -> Approval:
    return Approval.objects.create(digest=digest_of(what), asked_by=asked_by)


def why_not(approval: Approval, user: Any) -> str:
    """Return in a sentence why this person may not decide this; "" if they may."""
    if approval.decision != Approval.Decision.WAITING:
        return "This was decided already."
    if not is_access_owner(user):
        return "Only an access owner decides this."
    if approval.asked_by_id == user.pk:
        return "You asked for this, so another access owner decides."
    if _is_made_by(user, approval.asked_by):
        return (
            f"You added or changed {approval.asked_by} less than a week ago: another"
            " access owner decides, or you do when the week is over."
        )
    return ""


def _is_made_by(user: Any, asker: User) -> bool:
    """True if who asks could be a second self of who decides.

    Only who added or changed them is out, not everybody: a new agency's first Admin
    is asked by an account manager whom the superuser added.
    """
    if asker.is_known:
        return False
    return (
        Event.objects.about(asker)
        .filter(action__in=MADE, actor_key=str(user.pk))
        .filter(occurred_at__gt=timezone.now() - KNOWN_FOR)
        .exists()
    )


def void(approval: Approval, matter: Matter, *, by: Actor) -> None:
    """End a question or a yes: what it was bound to has changed.

    Call inside the transaction of the change.
    """
    open_or_yes = (Approval.Decision.WAITING, Approval.Decision.APPROVED)
    ended = Approval.objects.filter(pk=approval.pk, decision__in=open_or_yes).update(
        decision=Approval.Decision.VOID
    )
    if ended:
        _record("approval.void", matter, matter.said, by=by)


def decide(
    approval: Approval, matter: Matter, *, yes: bool, by: User, note: str = ""
) -> Approval:
    """Book the decision of somebody other than the person who asked.

    If the matter no longer is what was put forward, the approval is void and must be
    asked for again.
    Raises CannotDecide.
    """
    with transaction.atomic():
        approval = Approval.objects.select_for_update().get(pk=approval.pk)
        if no := why_not(approval, by):
            raise CannotDecide(no)
        if approval.digest != digest_of(matter.what):
            approval.decision = Approval.Decision.VOID
        elif yes:
            approval.decision = Approval.Decision.APPROVED
        else:
            approval.decision = Approval.Decision.REFUSED
        approval.decided_by = by
        approval.decided_at = timezone.now()
        approval.note = note
        approval.save()
        told = {"note": note, **matter.what, **matter.said}
        _record(f"approval.{approval.decision}", matter, told, by=Actor.staff(by))
    return approval


def _record(action: str, matter: Matter, told: dict[str, Any], *, by: Actor) -> None:
    record(action, by=by, subject=matter.subject, client=matter.client, data=told)
