"""The fields of an answer, read strictly.

Whatever has the wrong shape raises OutboundError. Values of enums are not checked; an
unknown one stays as it came. TikTok facts 1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from accounts.outbound import Answer, OutboundError
from accounts.outbound.secret import Secret

LONGEST_ID = 64
LONGEST_WORD = 64
LONGEST_NAME = 200
LONGEST_SENTENCE = 2000
LONGEST_SECRET = 4000
TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Fields:
    """One JSON object of an answer; every getter raises when the type is wrong."""

    values: Mapping[str, Any]
    answer: Answer

    def wrong(self, name: str) -> OutboundError:
        return self.answer.malformed(f"{name} is missing or of the wrong type")

    def text(self, name: str, longest: int = LONGEST_NAME) -> str:
        """Return a text that may be absent, null or empty, cut where a column ends.

        A NUL or half a character cannot be stored anywhere, so it is no text at all.
        """
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or not _is_storable(value):
            raise self.wrong(name)
        return value[:longest]

    def word(self, name: str) -> str:
        """Return a value of an enum, known or not, as it came."""
        return self.text(name, LONGEST_WORD)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise self.wrong(name)
        return value

    def id(self, name: str) -> str:
        """Return an id as text. A whole number is exact too; a float is not."""
        return self._id(name, self.values.get(name))

    def optional_id(self, name: str) -> str:
        return "" if self.values.get(name) in (None, "") else self.id(name)

    def ids(self, name: str) -> tuple[str, ...]:
        """Return a list of ids; absent or null is empty."""
        return tuple(self._id(name, item) for item in self._list(name))

    def mark(self, name: str) -> str:
        """Return an id that need be no number: printable, without a space."""
        value = self.values.get(name)
        text = str(value) if is_whole(value) else value
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST_ID:
            raise self.wrong(name)
        if not all("!" <= letter <= "~" for letter in text):
            raise self.wrong(name)
        return text

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of enum values as they came; absent or null is empty."""
        each = (Fields({name: one}, self.answer) for one in self._list(name))
        return tuple(word for one in each if (word := one.word(name)))

    def names(self, name: str) -> tuple[str, ...]:
        """Return one comma text as its parts (facts 3.2); absent or null is none."""
        parts = self.text(name, LONGEST_SENTENCE).split(",")
        return tuple(part.strip() for part in parts if part.strip())

    def time(self, name: str) -> dt.datetime | None:
        """Return a UTC time told as "YYYY-MM-DD HH:MM:SS"; None where none is told."""
        told = self.text(name)
        try:
            return dt.datetime.strptime(f"{told}Z", f"{TIME}%z") if told else None
        except ValueError:
            raise self.wrong(name) from None

    def secret(self, name: str) -> Secret | None:
        """Return a secret whole, however long; None where none is told."""
        value = self.text(name, LONGEST_SECRET + 1)
        if len(value) > LONGEST_SECRET:
            raise self.wrong(name)
        return Secret(value) if value else None

    def optional_number(self, name: str) -> int | None:
        return None if self.values.get(name) is None else self.number(name)

    def number(self, name: str) -> int:
        value = self.values.get(name)
        if not is_whole(value) or value < 0:
            raise self.wrong(name)
        return value

    def inner(self, name: str) -> Fields:
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise self.wrong(name)
        return Fields(value, self.answer)

    def optional_inner(self, name: str) -> Fields:
        if self.values.get(name) in (None, ""):
            return Fields({}, self.answer)
        return self.inner(name)

    def rows(self, name: str) -> list[Fields]:
        """Return a list of objects; here the list itself must be present."""
        if not isinstance(self.values.get(name), list):
            raise self.wrong(name)
        rows = self._list(name)
        if not all(isinstance(row, dict) for row in rows):
            raise self.wrong(name)
        return [Fields(row, self.answer) for row in rows]

    def _list(self, name: str) -> list[Any]:
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(name)
        return value

    def _id(self, name: str, value: Any) -> str:
        text = str(value) if is_whole(value) else value
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST_ID:
            raise self.wrong(name)
        if not (text.isascii() and text.isalnum()):
            raise self.wrong(name)
        return text


def _is_storable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
