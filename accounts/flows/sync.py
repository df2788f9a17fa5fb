"""Sync: every six hours, each list of each of our centers, at a moment of its own.

What is due is a row (`CenterSync`). A sweep claims rows and queues a task for each; a
killed task's row is claimed again when its lease has run out, and goes on after the
last page and the last account that were read. One key per center is enough.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import connections as databases
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import agency, due
from accounts.flows.lists import Reader
from accounts.flows.proof import CANNOT_VERIFY
from accounts.flows.rounds import Round
from accounts.models import (
    Asset,
    CenterSync,
    Client,
    GrantRead,
    PlatformRead,
    PostAuthorization,
    RoleGrant,
    SparkAuthorization,
)
from accounts.models.base import free
from accounts.outbound import OutboundError
from accounts.trail import Actor
from accounts.trail.context import request_scope

log = logging.getLogger(__name__)

BY = Actor.task("sync")
STUMBLED = "The portal stumbled over it. The operator reads the log."
# A run gives its place up long before its job would be ended.
BUDGET_SECONDS = 60.0
# Whoever presses a button waits no longer for one row.
PATIENCE_SECONDS = 10.0
PARTNERS_WAITED_FOR = 5
# Half the workers stay free for what people wait for.
JOBS_AT_ONCE = 2
# The command keeps as many lists in flight: together they empty the bucket.
PAIRS_AT_ONCE = 8
KEPT_FOR = dt.timedelta(days=35)
PRUNED_AT_ONCE = 1000

Watcher = Callable[[Round | None, int, int], None]


def sweep() -> int:
    """Queue a task for each row that is due, as many as have room; return how many."""
    due.open_rows()
    now = timezone.now()
    room = JOBS_AT_ONCE - CenterSync.objects.filter(lease_until__gt=now).count()
    waiting = due.rows().filter(free(now), due_at__lte=now)
    waiting = waiting.order_by("due_at", "partner_id")  # a center's own lists first
    queued = 0
    for pk in list(waiting.values_list("pk", flat=True)[: max(0, room)]):
        with transaction.atomic():
            if due.claim(pk, due_at__lte=now):
                async_task("accounts.tasks.sync_center", pk)
                queued += 1
    return queued


def run(sync_id: int) -> Round | None:
    """Carry out a row that was claimed for us; None if the claim has run out.

    What the portal stumbles over is raised, the row released: the others go first.
    """
    row = due.take(sync_id)
    one = _carry_out(row, seconds=BUDGET_SECONDS) if row else None
    if one is not None and one.failure is not None:
        raise one.failure
    return one


def everything(
    client: Client | None = None,
    *,
    dry_run: bool = False,
    watch: Watcher = lambda one, number, of: None,
    at_once: int = PAIRS_AT_ONCE,
) -> list[Round]:
    """Read all there is, or all of one client, several pairs at a time.

    The centers' own lists come first: they name the partners, and what a partner's list
    misses is looked up in them. A row that a worker holds this minute is left to it. A
    dry run writes down evidence alone.
    """
    due.open_rows()
    read_all = partial(_read_all, is_dry=dry_run, watch=watch, at_once=at_once)
    if client is not None:
        return read_all(list(due.rows_of(client)))
    done = read_all(list(due.rows().filter(partner_id="")))
    known = list(due.rows().exclude(partner_id=""))
    booked = [row for one in done for row in one.partners]  # a dry run saves none
    partners = {(row.center_id, row.partner_id): row for row in [*booked, *known]}
    return done + read_all(list(partners.values()))


def read_now(center: Asset, partners: Q, *, by: Actor) -> list[Round]:
    """Read a center's own lists, then what these partners share, while somebody waits.

    A row that a worker holds this minute is left to it. What there was no time for goes
    on by itself.
    """
    due.open_rows()
    here = due.rows().filter(center=center)
    theirs = here.filter(partners).exclude(partner_id="").order_by("partner_id")
    done = []
    for rows in (here.filter(partner_id=""), theirs[:PARTNERS_WAITED_FOR]):
        for row in rows:  # the partners' once the center's own list has named them
            mine = due.take(row.pk) if due.claim(row.pk) else None
            if mine is not None:
                reader = Reader(by, in_person=True, resumes=True)
                done.append(_carry_out(mine, reader, seconds=PATIENCE_SECONDS))
    return done


def prune(now: dt.datetime) -> int:
    """Forget old reads that nothing points to; return how many."""
    old = PlatformRead.objects.filter(
        ~Exists(GrantRead.objects.filter(read=OuterRef("pk"))),
        ~Exists(RoleGrant.objects.filter(last_read=OuterRef("pk"))),
        ~Exists(SparkAuthorization.objects.filter(last_read=OuterRef("pk"))),
        ~Exists(PostAuthorization.objects.filter(last_read=OuterRef("pk"))),
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
            mine = due.take(row.pk) if due.claim(row.pk) else None
            return _carry_out(mine) if mine else None
    finally:
        if threading.current_thread() is not threading.main_thread():
            databases.close_all()


def _carry_out(
    row: CenterSync,
    reader: Reader | None = None,
    *,
    seconds: float = math.inf,
    is_dry: bool = False,
) -> Round:
    """Read the row with the first of our keys that can; say when it is due again."""
    one = Round(
        row,
        reader or Reader(BY, in_person=False, resumes=not is_dry),
        is_dry=is_dry,
        ends_at=time.monotonic() + seconds,
    )
    trouble: OutboundError | None = None
    try:
        trouble = _read(one)
    except Exception as error:
        log.exception("The sync stumbled over row %s.", row.pk)
        one.failure, one.is_over = error, False
        one.problems.insert(0, STUMBLED)
    if not is_dry:
        due.release(one, trouble)
    return one


def _read(one: Round) -> OutboundError | None:
    """Try each of our keys until one reads; return what stood in the last one's way."""
    trouble: OutboundError | None = None
    for key in agency.keys_for(one.receiver):
        try:
            one.read(key)
        except OutboundError as error:
            trouble = error
        else:
            return None
    cannot = CANNOT_VERIFY.format(receiver=one.receiver)
    one.problems.append(str(trouble or cannot))
    return trouble
