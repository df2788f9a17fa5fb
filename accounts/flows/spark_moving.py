"""Spark authorizations moved step by step, each step with its event."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows.drift import SECOND_LOOK
from accounts.models import RoleGrant, SparkAuthorization
from accounts.platforms.spark import WORDS
from accounts.trail import Actor, record

State = SparkAuthorization.State
WaitsOn = SparkAuthorization.WaitsOn

EVERY_MINUTE = dt.timedelta(minutes=1)
EVERY = dt.timedelta(hours=6)
# Whoever holds a center's own code scans it soon, or after the next call about it.
SCANS_WITHIN = dt.timedelta(days=1)

# Who acts next in each state, where all goes well; a problem is ours to see to.
USUALLY = {
    State.WAITING: WaitsOn.CREATOR,
    State.UNVERIFIED: WaitsOn.PORTAL,
    State.LOST: WaitsOn.US,
    State.WITHDRAWING: WaitsOn.PORTAL,
}
OURS_IF_STUCK = (State.WAITING, State.ACTIVE, State.WITHDRAWING)

# Tell whether a way to answer is in the creator's hands; rooms above add theirs.
IsOut = Callable[[SparkAuthorization], bool]
_ways_out: list[IsOut] = []

# What another process may have changed of an authorization since it was loaded.
MOVING = (
    *("state", "waits_on", "problem", "since", "asked", "granted", "shown"),
    *("account", "connection"),
    *("campaign", "campaign_ends_on", "closes_at", "qr_made_at", "qr_url", "center"),
    *("key_read_at", "center_read_at", "center_gone_at", "verified_at", "missed_at"),
    *("last_read", "next_check_at"),
)


def words(keys: Iterable[str]) -> str:
    """Return what was asked or granted in words, in the order a page asks."""
    kept = set(keys)
    return ", ".join(WORDS[key].lower() for key in WORDS if key in kept) or "nothing"


def turn_of(state: str, problem: str) -> str:
    """Return who acts next, unless whoever moves it knows better; "" for nobody."""
    if problem and state in OURS_IF_STUCK:
        return WaitsOn.US
    return USUALLY.get(State(state), "")


def add_way_out(is_out: IsOut) -> None:
    """Have `is_out` asked too whether a creator can answer an authorization."""
    if is_out not in _ways_out:
        _ways_out.append(is_out)


def is_handed_out(authorization: SparkAuthorization) -> bool:
    """True while a creator has what to answer with: our center's code, or a link."""
    is_shown = authorization.qr_made_at is not None
    return is_shown or any(is_out(authorization) for is_out in _ways_out)


def pass_turn(authorization: SparkAuthorization) -> None:
    """Say whose turn a wait is, where a way to answer was made or ended."""
    turn = _turn(authorization, State.WAITING, "")
    waiting = SparkAuthorization.objects.filter(pk=authorization.pk, problem="")
    if waiting.filter(state=State.WAITING).update(waits_on=turn):
        authorization.waits_on = turn


def _turn(authorization: SparkAuthorization, state: str, problem: str) -> str:
    """Return who acts next: nobody waits for a creator who was given nothing yet."""
    turn = turn_of(state, problem)
    if turn == WaitsOn.CREATOR and not is_handed_out(authorization):
        return WaitsOn.US
    return turn


def refresh(authorization: SparkAuthorization) -> None:
    """Learn what others have changed; the row stays ours until the transaction ends."""
    rows = SparkAuthorization.objects.select_for_update()
    authorization.refresh_from_db(fields=MOVING, from_queryset=rows)


def move(
    authorization: SparkAuthorization,
    state: str,
    *,
    by: Actor,
    problem: str = "",
    **changes: Any,
) -> bool:
    """Save a step with its event and when it is read next; quiet where nothing is new.

    False if somebody has moved it meanwhile: it is as they left it then.
    """
    now, stood = timezone.now(), authorization.state
    is_news = (stood, authorization.problem) != (state, problem[:300]) or any(
        name == "granted" and getattr(authorization, name) != value
        for name, value in changes.items()
    )
    step = {"waits_on": _turn(authorization, state, problem), **changes}
    step |= {"state": state, "problem": problem[:300]}
    if stood != state:
        step["since"] = now
    for name, value in step.items():
        setattr(authorization, name, value)
    step["next_check_at"] = authorization.next_check_at = next_look(authorization)
    with transaction.atomic():
        rows = SparkAuthorization.objects.filter(pk=authorization.pk, state=stood)
        if not rows.update(**step):
            authorization.refresh_from_db(fields=MOVING)
            return False
        if is_news:
            granted = words(authorization.granted)
            told = {"granted": granted, "problem": problem}
            tell(authorization, f"spark.{State(state)}", by, **told)
    return True


def next_look(authorization: SparkAuthorization) -> dt.datetime | None:
    """Return when to read next: soon while something is under way, else every 6 hours.

    Each minute while a code is out; what waits is due when its days are over.
    """
    now, state = timezone.now(), authorization.state
    if state in SparkAuthorization.ENDED:
        return None
    soon = now + (EVERY_MINUTE if awaits_a_scan(authorization) else EVERY)
    if state == State.WAITING:
        closes_at = authorization.closes_at
        return min(soon, closes_at) if closes_at > now else _backed_off(closes_at)
    if authorization.missed_at is not None and state != State.LOST:
        due = authorization.missed_at + SECOND_LOOK
        return _second_look(authorization.missed_at, due)
    if state == State.WITHDRAWING:
        return _backed_off(authorization.since)
    if state == State.UNVERIFIED:
        return min(soon, _backed_off(authorization.since))
    looks = [soon, now + EVERY * random.uniform(0.9, 1)]  # noqa: S311
    return min([*looks, *_second_looks(authorization)])


def awaits_a_scan(authorization: SparkAuthorization) -> bool:
    """True while a fresh code is out and our center's list has not the account."""
    made_at = authorization.qr_made_at
    is_handed_out = made_at is not None and timezone.now() - made_at < SCANS_WITHIN
    return is_handed_out and not authorization.is_in_center


def _second_look(missed_at: dt.datetime, due: dt.datetime) -> dt.datetime:
    """Return when to look again for what a read missed: later each time one fails."""
    return due if due > timezone.now() else _backed_off(missed_at)


def _backed_off(since: dt.datetime) -> dt.datetime:
    """Return when to look next: after as long as it has waited, within bounds."""
    now = timezone.now()
    return now + min(max(now - since, EVERY_MINUTE), EVERY)


def _second_looks(authorization: SparkAuthorization) -> list[dt.datetime]:
    """Return when grants that one read has missed are to be looked for again."""
    missed = RoleGrant.objects.live().filter(
        asset=authorization.account_id,
        family=RoleGrant.Family.CREATOR,
        missed_at__isnull=False,
        next_check_at__isnull=False,
    )
    moments = missed.exclude(asset=None).values_list("missed_at", "next_check_at")
    return [_second_look(at, due) for at, due in moments if at and due]


def tell(
    authorization: SparkAuthorization, action: str, by: Actor, **data: Any
) -> None:
    """Put something about an authorization on the trail, with whose account it is."""
    record(
        action,
        by=by,
        subject=authorization,
        client=authorization.client,
        data={"creator": authorization.creator.shown, **data},
    )
