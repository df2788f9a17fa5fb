"""Whose clock tells a moment, and the time zones a person can be in."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import cache

from django.utils import timezone
from django.utils.formats import date_format

REGIONS = frozenset(
    [
        *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic"),
        *("Australia", "Europe", "Indian", "Pacific", "UTC"),
    ]
)


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names that name a place, in order; read from disk once."""
    names = zoneinfo.available_timezones()
    return tuple(sorted(name for name in names if name.partition("/")[0] in REGIONS))


def clock(*names: str) -> dt.tzinfo:
    """Return the first of these zones that is known; the agency's where none is."""
    for name in filter(None, names):
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            continue
    return timezone.get_default_timezone()


def day_word(day: dt.date, today: dt.date | None = None) -> str:
    """Return a day in words: 1 December, with its year when that is another one."""
    this_year = (today or timezone.localdate()).year
    return date_format(day, "j F" if day.year == this_year else "j F Y")


def house_clock(moment: dt.datetime) -> str:
    """Return a moment for a sentence that is kept: by the agency's clock, named."""
    told = timezone.localtime(moment, timezone.get_default_timezone())
    return f"{told:%-d %B, %H:%M} {told:%Z}"


def house_day() -> dt.date:
    """Return the agency's own day: a last day ends by that clock, whoever looks."""
    return timezone.localdate(timezone=timezone.get_default_timezone())
