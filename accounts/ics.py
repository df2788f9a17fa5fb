"""Days as a calendar other programs subscribe to (RFC 5545).

Written by hand: all-day events need five rules of that document, and each is a line
here. What comes out is read by another's parser in the tests.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CRLF = "\r\n"
# Control characters, and halves of characters that no encoding knows.
NO_TEXT = {"Cc", "Cs"}
# The longest line in octets, its CRLF not counted (3.1).
LONGEST = 75
PRODUCT = "-//Agency Portal//Calendar//EN"
# How often a program is to look again (RFC 7986, 5.7).
LOOK_AGAIN = "PT6H"


@dataclass(frozen=True)
class AllDay:
    """One event of a whole day. `key` never changes; `revised_at` is when it was so."""

    key: str
    day: dt.date
    title: str
    text: str
    url: str
    revised_at: dt.datetime


def calendar(name: str, days: Iterable[AllDay]) -> str:
    """Return the calendar as the text of one file."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"NAME:{escape(name)}",
        f"X-WR-CALNAME:{escape(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{LOOK_AGAIN}",
        *(line for day in days for line in _event(day)),
        "END:VCALENDAR",
    ]
    return "".join(fold(line) + CRLF for line in lines)


def _event(day: AllDay) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{day.key}"
    yield f"DTSTAMP:{day.revised_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day.day:%Y%m%d}"
    # The end of a day is the next one (3.6.1).
    yield f"DTEND;VALUE=DATE:{day.day + dt.timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escape(day.title)}"
    yield f"DESCRIPTION:{escape(day.text)}"
    yield f"URL:{day.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escape(text: str) -> str:
    """Return a text value (3.3.11); control characters have no place in one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    for char, said in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        lines = lines.replace(char, said)
    return "".join(char for char in lines if unicodedata.category(char) not in NO_TEXT)


def fold(line: str) -> str:
    """Break a line so that none is longer than 75 octets, and no character in two."""
    parts, part, room = [], "", LONGEST
    for char in line:
        octets = len(char.encode())
        if octets > room:
            parts.append(part)
            part, room = " ", LONGEST - 1  # what goes on begins with a space
        part += char
        room -= octets
    return CRLF.join([*parts, part])
