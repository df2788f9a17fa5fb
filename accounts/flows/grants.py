"""Grants on the ladder: wanted, moved step by step, each step with its event."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.flows import approvals, clients
from accounts.models import Approval, Asset, Client, GrantChange, Grantee, RoleGrant
from accounts.platforms.roles import Role
from accounts.trail import Actor, record

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

# A grant that has waited for an hour is read again in an hour, and so on.
SHORTEST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(hours=6)

# What every step writes.
MOVED = ("state", "waits_on", "problem", "since", "due_on", "next_check_at")

# Last seen at another role than the one asked for: missed since or not, asked again.
AT_ANOTHER_ROLE = Q(state__in=(State.UNVERIFIED, State.DRIFTED)) & (
    ~Q(observed_native="") & ~Q(observed_role=F("asked_role"))
)


def want(
    *,
    asset: Asset,
    grantee: Grantee,
    role: Role,
    source: str,
    by: Actor,
    approval: Approval | None = None,
    reason: str = "",
    ends_on: dt.date | None = None,
) -> RoleGrant:
    """Return the live grant of this asset to this grantee, drafted if there is none.

    One live grant per asset and grantee, however many ask at once. One that was found
    is wanted from now on; as Admin, once that is approved.
    """
    grant, made = RoleGrant.objects.live().get_or_create(
        asset=asset,
        grantee=grantee,
        family=RoleGrant.Family.AD_ACCOUNT,
        defaults={
            "asked_role": role,
            "source": source,
            "approval": approval,
            "reason": reason,
            "ends_on": ends_on,
            "waits_on": WaitsOn.CLIENT,
        },
    )
    if made:
        let_go(_before(grant))
        tell(grant, "grant.asked", by, role=role.label)
    elif grant.state == State.FOUND and _may_be(role, approval, ends_on):
        take_in(
            grant,
            role=role,
            by=by,
            source=source,
            approval=approval,
            reason=reason,
            ends_on=ends_on,
        )
    return grant


def let_go(grants: QuerySet[RoleGrant]) -> bool:
    """Have what came to nothing wait for nobody; False if none of it did.

    It is asked for anew, or closed: whoever does either puts it on the trail.
    """
    over = grants.filter(state__in=RoleGrant.ENDED).exclude(waits_on=WaitsOn.NOBODY)
    return bool(over.update(waits_on=WaitsOn.NOBODY))


def _before(grant: RoleGrant) -> QuerySet[RoleGrant]:
    """Return every grant there was of the same asset to the same holder."""
    return RoleGrant.objects.filter(
        asset=grant.asset, grantee=grant.grantee, family=grant.family
    )


def ask_anew(
    grant: RoleGrant,
    *,
    role: Role,
    approval: Approval | None,
    ends_on: dt.date | None,
    by: Actor,
    **asked: Any,
) -> bool:
    """Want something else of a grant nobody has begun with; False if nothing changed.

    Of one that was lost a read may show at any time that it is held again: Admin is
    wanted of it once that is approved. `asked` are more of the grant's own fields.
    """
    wanted = {"asked_role": role, "approval": approval, "ends_on": ends_on, **asked}
    if all(getattr(grant, name) == value for name, value in wanted.items()):
        return False
    idle = [State.DRAFT, *([State.LOST] if _may_be(role, approval, ends_on) else [])]
    with transaction.atomic():
        changed = RoleGrant.objects.filter(pk=grant.pk, state__in=idle).update(**wanted)
        if changed:
            for name, value in wanted.items():
                setattr(grant, name, value)
            tell(grant, "grant.asked", by, role=role.label)
    return bool(changed)


def take_in(grant: RoleGrant, *, role: Role, by: Actor, **asked: Any) -> bool:
    """Want what was found; False if it is not found any more. A read decides then.

    `asked` are the grant's own fields: reason, approval, ends_on, source.
    """
    now = timezone.now()
    step = {
        "state": State.UNVERIFIED,
        "waits_on": WaitsOn.PLATFORM,
        "problem": "",
        "asked_role": role,
        "asked_at": now,
        "since": now,
        "next_check_at": now,
        **asked,
    }
    with transaction.atomic():
        taken = RoleGrant.objects.filter(pk=grant.pk, state=State.FOUND).update(**step)
        if taken:
            for name, value in step.items():
                setattr(grant, name, value)
            tell(grant, "grant.adopted", by, role=role.label, reason=grant.reason)
    return bool(taken)


def _may_be(role: Role, approval: Approval | None, ends_on: dt.date | None) -> bool:
    return not approvals.is_high(role) or approvals.covers(approval, ends_on)


def request(grant: RoleGrant, *, by: Actor) -> bool:
    """Put a grant to work that nobody works on yet; False if somebody does.

    An account that was to be asked for by hand may be shared after all, one that was
    lost may be shared again, and one we hold at another role at the role we ask for.
    """
    now = timezone.now()
    step: dict[str, Any] = {
        "state": State.REQUESTING,
        "waits_on": WaitsOn.PORTAL,
        "next_check_at": now,
        "since": now,
        "problem": "",
    }
    if grant.state == State.LOST:
        step |= {"observed_role": "", "observed_native": "", "missed_at": None}
    if grant.state not in (State.DRAFT, State.MANUAL):
        step["asked_at"] = now
    idle = Q(state__in=(State.DRAFT, State.MANUAL, State.LOST)) | AT_ANOTHER_ROLE
    moved = RoleGrant.objects.filter(idle, pk=grant.pk).update(**step)
    if moved:
        for name, value in step.items():
            setattr(grant, name, value)
        tell(grant, "grant.requested", by, role=Role(grant.asked_role).label)
    return bool(moved)


def by_hand(grant: RoleGrant, *, problem: str, by: Actor) -> None:
    """The platform has no call for this step: a colleague does it on its website."""
    move(
        grant,
        State.MANUAL,
        by=by,
        waits_on=WaitsOn.ACCOUNT_MANAGER,
        problem=problem,
    )


def await_read(grant: RoleGrant, *, by: Actor, **more: Any) -> None:
    """A read decides: soon, and later after each fruitless one."""
    waits_on = WaitsOn.PLATFORM
    move(grant, State.UNVERIFIED, by=by, waits_on=waits_on, check_again=True, **more)


def queue_call(grant: RoleGrant, *, by: Actor, **more: Any) -> None:
    """Make the next call due: `sharing.send` finds out which it is."""
    waits_on = WaitsOn.PORTAL
    move(grant, State.REQUESTING, by=by, waits_on=waits_on, check_again=True, **more)


def move(
    grant: RoleGrant,
    state: State,
    *,
    by: Actor,
    waits_on: str = WaitsOn.NOBODY,
    problem: str = "",
    check_again: bool = False,
    check_at: dt.datetime | None = None,
    **changes: Any,
) -> None:
    """Save a step of the ladder with its event; a step to where it stands is quiet.

    `check_again` sets the next read, later after each fruitless one; `check_at` sets
    it to a moment. What somebody has moved elsewhere meanwhile, or asked otherwise,
    stays as it is.
    """
    now, stood = timezone.now(), grant.state
    is_news = (grant.state, grant.waits_on, grant.problem) != (state, waits_on, problem)
    if (grant.state, grant.waits_on) != (state, waits_on):
        grant.since, grant.due_on = now, None  # a day to act by ends with the turn
    for name, value in changes.items():
        setattr(grant, name, value)
    grant.state, grant.waits_on, grant.problem = state, waits_on, problem[:300]
    grant.next_check_at = now + _pause(now - grant.since) if check_again else check_at
    with transaction.atomic():
        if not _save(grant, stood, *changes):
            return
        if is_news:
            tell(
                grant,
                f"grant.{state}",
                by,
                role=role_label(grant.observed_role or grant.asked_role),
                problem=problem,
            )
        _end_changes(grant, now)
        if state == State.ACTIVE and grant.asset.client is not None:
            clients.move_on(grant.asset.client, Client.Status.ACTIVE, by=by)


def _save(grant: RoleGrant, stood: str, *changed: str) -> bool:
    """Write a step from where the grant stood; False, and read anew, if it does not.

    Between a read and its booking a colleague may have taken the grant back, or asked
    for another role than the one that was read.
    """
    fields = {*MOVED, *changed}
    moved = RoleGrant.objects.filter(
        pk=grant.pk, state=stood, asked_role=grant.asked_role
    ).update(**{name: getattr(grant, name) for name in fields})
    if not moved:
        grant.refresh_from_db(fields={*fields, "asked_role"})
    return bool(moved)


def _end_changes(grant: RoleGrant, now: dt.datetime) -> None:
    """A change is over when its role is read back, or the grant itself is over."""
    wanted = GrantChange.objects.open().filter(grant=grant)
    if grant.state in RoleGrant.ENDED:
        wanted.update(closed_at=now)
    elif grant.state == State.ACTIVE:
        under_way = Q(approval__isnull=True) | Q(approval__decision="approved")
        wanted.filter(under_way, role=grant.observed_role).update(closed_at=now)


def _pause(waited: dt.timedelta) -> dt.timedelta:
    return min(max(waited, SHORTEST_PAUSE), LONGEST_PAUSE)


def role_label(role: str) -> str:
    return Role(role).label if role in set(Role) else "an unknown role"


def tell(grant: RoleGrant, action: str, by: Actor, **data: Any) -> None:
    """Put something about a grant on the trail, with what it is a grant of."""
    record(
        action,
        by=by,
        subject=grant,
        client=grant.asset.client,
        data={
            "asset": str(grant.asset),
            "account_id": grant.asset.external_id,
            "grantee": str(grant.grantee),
            **data,
        },
    )
