"""Many rows in one job: what the portal stumbles over does not stop the others."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.utils import timezone

Result = TypeVar("Result")

log = logging.getLogger(__name__)

# What was stumbled over lets the others go first for so long.
PUT_OFF = dt.timedelta(minutes=15)


def in_turn(acts: Iterable[Callable[[], Result]]) -> list[Result]:
    """Carry out each, whatever becomes of the others; return what they returned.

    The first failure is raised when all have had their turn: the job is seen failed.
    """
    done, failures = [], []
    for act in acts:
        try:
            done.append(act())
        except Exception as error:
            log.exception("One of many failed; the others go on.")
            failures.append(error)
    if failures:
        raise failures[0]
    return done


@contextmanager
def put_off(rows: Iterable[Any]) -> Iterator[None]:
    """Let rows of one kind that the portal stumbles over come last.

    Nothing waits behind them then.
    """
    try:
        yield
    except Exception:
        stumbled = list(rows)
        for model in {type(row) for row in stumbled}:
            due = model.objects.filter(next_check_at__isnull=False)
            due.filter(pk__in=[row.pk for row in stumbled]).update(
                next_check_at=timezone.now() + PUT_OFF
            )
        raise
