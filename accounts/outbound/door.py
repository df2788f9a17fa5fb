"""The one HTTP door: every call to a platform leaves and is judged here."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import requests
from django.db import transaction

from accounts.outbound.calls import Answer, Call
from accounts.outbound.errors import InsideTransactionError, OutboundError, Pause
from accounts.outbound.transport import Patience, new_session, send

logger = logging.getLogger("accounts.outbound")

TRIES = 3
FIRST_WAIT_SECONDS = 0.5

Value = TypeVar("Value")
Judge = Callable[[Answer], Value]


class Brake(Protocol):
    """What the door needs of a throttle."""

    def take(self) -> None:
        """Return when one call may go out; raise OutboundError when it may not."""

    def rest(self, pause: Pause, reason: str) -> None:
        """Stop all calls of this app for the pause."""

    def ease(self) -> None:
        """Note that a call was answered without a rate limit."""


class Door:
    """Let calls out to `hosts` only ("name:port", the port always written).

    `throttle` is the platform app's shared allowance; a door without one calls at
    will and is meant for a handful of calls.
    """

    def __init__(
        self,
        hosts: Collection[str],
        throttle: Brake | None = None,
        session: requests.Session | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.hosts = frozenset(hosts)
        self.throttle = throttle
        self.patience = patience
        self.session = session or new_session()

    def call(self, call: Call, judge: Judge[Value]) -> Value:
        """Send `call` and return what `judge` makes of the answer.

        A read is tried up to three times, with full jitter between, unless the error
        is permanent; a write goes out once. Raises OutboundError, or
        InsideTransactionError when a transaction is open: commit the intent first,
        call, then commit the result.
        """
        refuse_inside_transaction()
        self._refuse_strangers(call)
        for attempt in range(1, TRIES + 1):
            if self.throttle:
                self.throttle.take()
            try:
                return self._once(call, judge)
            except OutboundError as error:
                waits_long = error.pause not in (None, Pause.SECOND)
                over = error.permanent or waits_long or attempt == TRIES
                if over or not call.is_read:
                    raise
            time.sleep(random.uniform(0, FIRST_WAIT_SECONDS * 2**attempt))  # noqa: S311
        raise AssertionError("unreachable")

    def _once(self, call: Call, judge: Judge[Value]) -> Value:
        try:
            value = self._logged(call, judge)
        except OutboundError as error:
            if self.throttle and error.pause:
                self.throttle.rest(error.pause, str(error))
            raise
        if self.throttle:
            self.throttle.ease()
        return value

    def _logged(self, call: Call, judge: Judge[Value]) -> Value:
        """Send and judge; leave one line without query, header or body."""
        started = time.monotonic()
        status, code, trace_id = "no answer", "", ""
        try:
            answer = send(self.session, call, self.patience)
            status = str(answer.status)
            try:
                return judge(answer)
            finally:
                code, trace_id = answer.code, answer.trace_id
        except OutboundError as error:
            code, trace_id = error.code or code, error.trace_id or trace_id
            raise
        finally:
            logger.info(
                "%s %s%s: %s in %d ms, native %s, trace %s",
                call.method,
                call.place,
                f" for {call.trace}" if call.trace else "",
                status,
                round((time.monotonic() - started) * 1000),
                code or "-",
                trace_id or "-",
            )

    def _refuse_strangers(self, call: Call) -> None:
        if address(call.url) not in self.hosts:
            raise OutboundError(
                "The portal calls the configured platform hosts only, and this address"
                " is none of them. The operator checks the base addresses.",
                permanent=True,
                kind="configuration",
            )


def address(url: str) -> str:
    """Return "host:port" of an http(s) address, "" for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return ""
    known = parts.scheme in ("http", "https") and parts.username is None
    return f"{parts.hostname}:{port}" if known and parts.hostname else ""


def refuse_inside_transaction() -> None:
    """Raise when a transaction is open; one that only wraps a test does not count.

    A call can take half a minute: locks would be held that long, and a rollback would
    forget what was already done outside.
    """
    connection = transaction.get_connection()
    blocks = connection.atomic_blocks
    if connection.in_atomic_block and not (blocks and blocks[-1]._from_testcase):
        raise InsideTransactionError(
            "A platform call was started inside a transaction. Commit the intent"
            " first, call, then commit the result."
        )
