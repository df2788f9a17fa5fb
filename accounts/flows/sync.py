"""Sync: every six hours, each list of each of our centers, at a moment of its own.

What is due is a row (`CenterSync`). A sweep claims rows and queues a task for each; a
killed task's row is claimed again when its lease has run out, and goes on after the
last page and the last account that were read. One key per center is enough.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from django.db import connections as databases
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import agency
from accounts.flows.proof import CANNOT_VERIFY
from accounts.flows.reads import Reader
from accounts.flows.rounds import Round
from accounts.flows.work import LEASE
from accounts.models import (
    Asset,
    CenterSync,
    Client,
    Grantee,
    GrantRead,
    PlatformRead,
    RoleGrant,
)
from accounts.models.base import free
from accounts.outbound import OutboundError
from accounts.trail import Actor
from accounts.trail.context import request_scope

BY = Actor.task("sync")
EVERY = dt.timedelta(hours=6)
AGAIN_AFTER = dt.timedelta(minutes=15)
# A run gives its place up long before its job would be ended.
BUDGET_SECONDS = 60.0
# Half the workers stay free for what people wait for.
JOBS_AT_ONCE = 2
# The command keeps as many pairs in flight: together they empty the bucket.
PAIRS_AT_ONCE = 8
KEPT_FOR = dt.timedelta(days=35)
PRUNED_AT_ONCE = 1000

Watcher = Callable[[Round | None, int, int], None]


def sweep() -> int:
    """Queue a task for each row that is due, as many as have room; return how many."""
    _open_rows()
    now = timezone.now()
    room = JOBS_AT_ONCE - CenterSync.objects.filter(lease_until__gt=now).count()
    due = _rows().filter(free(now), due_at__lte=now).order_by("due_at")
    queued = 0
    for pk in list(due.values_list("pk", flat=True)[: max(0, room)]):
        with transaction.atomic():
            if _claim(pk, due_at__lte=now):
                async_task("accounts.tasks.sync_center", pk)
                queued += 1
    return queued


def run(sync_id: int) -> Round | None:
    """Carry out a row that was claimed for us; None if the claim has run out."""
    now = timezone.now()
    until = now + LEASE
    claimed = CenterSync.objects.filter(pk=sync_id, lease_until__gt=now)
    if not claimed.update(lease_until=until):
        return None
    return _carry_out(_row(sync_id), seconds=BUDGET_SECONDS)


def everything(
    client: Client | None = None,
    *,
    dry_run: bool = False,
    watch: Watcher = lambda one, number, of: None,
    at_once: int = PAIRS_AT_ONCE,
) -> list[Round]:
    """Read all there is, or all of one client, several pairs at a time.

    The centers' own lists come first: their partners are known from them. A row that
    a worker holds this minute is left to it. A dry run writes down evidence alone.
    """
    _open_rows()
    read_all = partial(_read_all, is_dry=dry_run, watch=watch, at_once=at_once)
    if client is not None:
        return read_all(_rows_of(client))
    done = read_all(list(_rows().filter(partner_id="")))
    partners = [row for one in done for row in one.partners]
    return done + read_all(partners)


def prune(now: dt.datetime) -> int:
    """Forget old reads that nothing points to; return how many."""
    old = PlatformRead.objects.filter(
        ~Exists(GrantRead.objects.filter(read=OuterRef("pk"))),
        ~Exists(RoleGrant.objects.filter(last_read=OuterRef("pk"))),
        read_at__lt=now - KEPT_FOR,
    ).order_by("read_at")
    forgotten = 0
    while keys := list(old.values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        PlatformRead.objects.filter(pk__in=keys).delete()
        forgotten += len(keys)
    return forgotten


def _read_all(
    rows: Sequence[CenterSync], *, is_dry: bool, watch: Watcher, at_once: int
) -> list[Round]:
    done = []
    with ThreadPoolExecutor(at_once) as crew:
        work = crew.map if at_once > 1 else map
        for number, one in enumerate(work(partial(_read_one, is_dry), rows), start=1):
            if one is not None:
                done.append(one)
            watch(one, number, len(rows))
    return done


def _read_one(is_dry: bool, row: CenterSync) -> Round | None:
    """Read a row to its end, in a thread of its own; None if a worker has it."""
    try:
        with request_scope():
            if is_dry:
                return _carry_out(row, is_dry=True)
            return _carry_out(_row(row.pk)) if _claim(row.pk) else None
    finally:
        if threading.current_thread() is not threading.main_thread():
            databases.close_all()


def _carry_out(
    row: CenterSync, *, seconds: float = math.inf, is_dry: bool = False
) -> Round:
    """Read the row with the first of our keys that can; say when it is due again."""
    one = Round(
        row,
        Reader(BY, in_person=False, resumes=not is_dry),
        is_dry=is_dry,
        ends_at=time.monotonic() + seconds,
    )
    trouble: OutboundError | None = None
    for key in agency.keys_for(one.receiver):
        try:
            one.read(key)
        except OutboundError as error:
            trouble = error
            continue
        trouble = None
        break
    else:
        cannot = CANNOT_VERIFY.format(receiver=one.receiver)
        one.problems.append(str(trouble or cannot))
    if not is_dry:
        _release(one, _next_due(one, trouble))
    return one


def _next_due(one: Round, trouble: OutboundError | None) -> dt.datetime:
    """Staggered: new rows spread over the six hours, and none ever runs in step."""
    now = timezone.now()
    if one.is_over:
        least = 0.9 if one.is_known else 0.0
        return now + EVERY * random.uniform(least, 1)  # noqa: S311
    if trouble is not None and trouble.permanent:
        return now + EVERY
    if one.problems:
        return max(now + AGAIN_AFTER, (trouble and trouble.until) or now)
    return now  # its time was up: it goes on when there is room again


def _release(one: Round, due_at: dt.datetime) -> None:
    CenterSync.objects.filter(pk=one.row.pk).update(
        due_at=due_at,
        lease_until=None,
        problem=" ".join(one.problems)[:300],
        **({"cursor": ""} if one.is_over else {}),
    )


def _claim(pk: int, **due: Any) -> bool:
    now = timezone.now()
    unclaimed = CenterSync.objects.filter(free(now), pk=pk, **due)
    return bool(unclaimed.update(lease_until=now + LEASE))


def _rows() -> QuerySet[CenterSync]:
    ours: QuerySet[CenterSync] = CenterSync.objects.filter(
        center__as_grantee__standing=Grantee.Standing.OURS
    )
    return ours.select_related("center__as_grantee")


def _row(pk: int) -> CenterSync:
    return CenterSync.objects.select_related("center__as_grantee").get(pk=pk)


def _open_rows() -> None:
    """Give each of our centers its own row; its partners are known from that one."""
    new = Asset.objects.filter(
        kind=Asset.Kind.CENTER, as_grantee__standing=Grantee.Standing.OURS
    ).exclude(syncs__partner_id="")
    CenterSync.objects.bulk_create(
        (CenterSync(center=center) for center in new), ignore_conflicts=True
    )


def _rows_of(client: Client) -> list[CenterSync]:
    """Return the rows that tell of a client's accounts."""
    live = RoleGrant.objects.live().filter(asset__client=client, via=None)
    pairs = set(live.values_list("grantee__center", "asset__center__external_id"))
    for center_id, giver in pairs:
        if center_id and giver:
            CenterSync.objects.get_or_create(center_id=center_id, partner_id=giver)
    theirs = Asset.objects.filter(kind=Asset.Kind.CENTER, client=client)
    givers = {giver or "" for _, giver in pairs}
    givers |= set(theirs.values_list("external_id", flat=True))
    return list(_rows().filter(partner_id__in=givers))
