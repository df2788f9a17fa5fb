"""Calendar files: folded, escaped, and read back by another's parser."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from accounts import ics

NOW = dt.datetime(2026, 11, 23, 8, 30, tzinfo=dt.UTC)
# What any text of a creator may hold, and what needs care.
TEXTS = st.text() | st.text(st.sampled_from('ab ,;:\\\r\n\t"é漢🎿'), max_size=300)


def an_event(title: str = "Code ends", text: str = "") -> ics.AllDay:
    return ics.AllDay("urn:uuid:1", dt.date(2027, 1, 22), title, text, "https://x", NOW)


@given(TEXTS)
def test_no_line_is_longer_than_75_octets_and_none_breaks_a_character(
    text: str,
) -> None:
    clean = ics.escape(text)
    folded = ics.fold(f"SUMMARY:{clean}")
    lines = folded.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.startswith(b" ") for line in lines[1:])
    whole = b"".join([lines[0], *(line[1:] for line in lines[1:])])
    assert whole.decode() == f"SUMMARY:{clean}"


@given(st.text(st.sampled_from('ab ,;:\\\n"é漢🎿'), max_size=300))
def test_another_parser_reads_the_text_that_was_written(text: str) -> None:
    written = ics.calendar("Codes", [an_event(title=text, text=text)])
    [event] = Calendar.from_ical(written).walk("VEVENT")
    assert str(event["SUMMARY"]) == text
    assert str(event["DESCRIPTION"]) == text


@given(TEXTS)
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    written = ics.calendar(text, [an_event(title=text, text=text)])
    calendar = Calendar.from_ical(written)
    assert [one.name for one in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    assert not calendar.errors
    assert written.count("\n") == written.count("\r\n")


def test_an_event_lasts_its_whole_day_and_keeps_its_name() -> None:
    [event] = Calendar.from_ical(ics.calendar("Codes", [an_event()])).walk("VEVENT")
    assert event.decoded("DTSTART") == dt.date(2027, 1, 22)
    assert event.decoded("DTEND") == dt.date(2027, 1, 23)
    assert event.decoded("DTSTAMP") == NOW
    assert event["UID"] == "urn:uuid:1"
