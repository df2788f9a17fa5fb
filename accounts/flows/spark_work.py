"""Spark authorizations with work due: claimed by a lease, brought on, released."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.flows import (
    agency,
    proof,
    spark_ad_accounts,
    spark_members,
    spark_reading,
    spark_withdrawing,
)
from accounts.flows.apart import in_turn, put_off
from accounts.flows.leases import leased
from accounts.flows.spark_lists import SparkReader
from accounts.flows.spark_moving import move, next_look
from accounts.models import SparkAuthorization
from accounts.models.base import free
from accounts.trail import Actor

State = SparkAuthorization.State

BATCH = 100
# A sweep gives the rest up long before its job would be ended.
BUDGET = dt.timedelta(seconds=60)


def carry_out(keys: Iterable[UUID | str], *, waits: Iterable[int] = proof.WAITS) -> int:
    """Bring these on and read them until they are settled; return how many were ours.

    A creator's code may be scanned any day: nobody sits that out here.
    """
    by = Actor.task("spark")
    with _claimed(keys) as rows:
        left = rows
        for wait in waits:
            time.sleep(wait)
            reader = SparkReader(by, in_person=True)
            in_turn(partial(_step, one, reader) for one in left)
            left = [one for one in left if _is_under_way(one)]
            if not left:
                break
        return len(rows)


def sweep() -> int:
    """Bring on what is due, reading each list once; return how many had their turn."""
    now = timezone.now()
    due = SparkAuthorization.objects.filter(free(now), next_check_at__lte=now)
    keys = due.order_by("next_check_at").values_list("pk", flat=True)
    reader = SparkReader(Actor.task("spark"), in_person=False)
    with _claimed(list(keys[:BATCH])) as rows:
        steps = (
            partial(_step, one, reader) for one in rows if timezone.now() < now + BUDGET
        )
        return len(in_turn(steps))


def read_now(authorization: SparkAuthorization, *, by: Actor) -> bool:
    """Read at somebody's wish; False while a task is at it already."""
    with _claimed([authorization.pk]) as rows:
        for one in rows:
            _step(one, SparkReader(by, in_person=True))
        return bool(rows)


def _step(authorization: SparkAuthorization, reader: SparkReader) -> None:
    """Do what is due; what the portal stumbles over lets the others go first."""
    with put_off([authorization]):
        _bring_on(authorization, reader)


def _bring_on(authorization: SparkAuthorization, reader: SparkReader) -> None:
    if authorization.state == State.WITHDRAWING:
        spark_withdrawing.bring_on(authorization, reader)
        return
    if authorization.state in SparkAuthorization.ENDED:
        return
    is_late = authorization.closes_at <= timezone.now()
    told = spark_reading.read_back(authorization, reader)
    is_told = told.is_clean or not told.sides  # unread, it may have been given
    if authorization.state in spark_withdrawing.TAKEABLE:
        _bring_along(authorization, told, reader)
    elif authorization.state == State.WAITING and is_late and is_told:
        move(authorization, State.EXPIRED, by=reader.by)


def _bring_along(
    authorization: SparkAuthorization, told: spark_reading.Told, reader: SparkReader
) -> None:
    """See to our people and ad accounts, by what our center's list has just told.

    Of an account it does not list nothing is asked; unread, all stays as it is.
    """
    account, center = authorization.account, authorization.center
    is_read = told.sides.get("center") is not None
    if account is None or center is None or not is_read:
        return
    if told.is_elsewhere:
        spark_members.miss(authorization, told.read, reader)
        spark_ad_accounts.miss(authorization, reader)
    elif keys := agency.keys_for(center.as_grantee):
        spark_members.bring_on(authorization, keys[0], reader)
        spark_ad_accounts.bring_on(authorization, keys[0], reader)
    _look_again(authorization)


def _look_again(authorization: SparkAuthorization) -> None:
    """Look sooner while somebody is on their way on it, or an ad account is."""
    looks: list[Any] = [next_look(authorization)]
    if _is_under_way(authorization):
        looks.append(timezone.now() + dt.timedelta(minutes=5))
    authorization.next_check_at = min(looks)
    SparkAuthorization.objects.filter(
        pk=authorization.pk, state=authorization.state
    ).update(next_check_at=authorization.next_check_at)


def _is_under_way(authorization: SparkAuthorization) -> bool:
    """True while another read within the minute may tell more."""
    if authorization.state == State.WITHDRAWING:
        return spark_withdrawing.awaits_a_read(authorization)
    if authorization.state == State.UNVERIFIED:
        return authorization.missed_at is None and not authorization.problem
    account, center = authorization.account, authorization.center
    if authorization.state != State.ACTIVE or account is None or center is None:
        return False
    has_people = spark_members.is_under_way(account, center)
    return has_people or spark_ad_accounts.is_under_way(authorization)


@contextmanager
def _claimed(keys: Iterable[UUID | str]) -> Iterator[list[SparkAuthorization]]:
    """Yield those this call could lease; the leases end with it."""
    live = SparkAuthorization.objects.exclude(state__in=SparkAuthorization.ENDED)
    along = ("client", "creator", "account", "center__as_grantee", "connection")
    with leased(live, keys) as mine:
        rows = SparkAuthorization.objects.filter(pk__in=mine).select_related(*along)
        yield list(rows.prefetch_related("client__assignments__user"))
