"""TikTok's envelope, its pages and its fields, read strictly.

An answer is understood as a whole or not at all: whatever has the wrong shape raises
OutboundError. Values of enums are not checked; an unknown one stays as it came.
TikTok facts 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from accounts.outbound import Answer, OutboundError
from accounts.outbound.redact import redact
from accounts.platforms.tiktok import codes

LONGEST_ID = 64
LONGEST_WORD = 64
LONGEST_NAME = 200
LONGEST_SENTENCE = 2000
LARGEST_CODE = 999_999_999


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

    def number(self, name: str) -> int:
        value = self.values.get(name)
        if not _is_whole(value) or value < 0:
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
        text = str(value) if _is_whole(value) else value
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST_ID:
            raise self.wrong(name)
        if not (text.isascii() and text.isalnum()):
            raise self.wrong(name)
        return text


@dataclass(frozen=True)
class Reply:
    """A good answer: its data, its trace id, and whether only a part was done."""

    data: Fields
    trace_id: str
    is_partial: bool


def judge(answer: Answer) -> Reply:
    """Return the reply inside an answer; raise OutboundError for everything else.

    HTTP is 200 also for errors: the envelope's `code` decides. 20001 on a read is an
    error, since a part of a list proves nothing.
    """
    answer.trace_id = answer.headers.get("x-tt-logid", "")[:LONGEST_ID]
    answer.require_ok()
    envelope = answer.read_json()
    if not isinstance(envelope, dict):
        raise answer.malformed("the answer is not an object")
    top = Fields(envelope, answer)
    code = envelope.get("code")
    if not _is_whole(code) or abs(code) > LARGEST_CODE:
        raise top.wrong("code")
    answer.code = str(code)
    answer.trace_id = top.text("request_id")[:LONGEST_ID] or answer.trace_id
    is_partial = code == codes.PARTLY and not answer.call.is_read
    if code != codes.OK and not is_partial:
        raise refusal(answer, code, top.text("message", LONGEST_SENTENCE))
    return Reply(top.optional_inner("data"), answer.trace_id, is_partial)


def refusal(answer: Answer, code: int, message: str) -> OutboundError:
    """Return the error for an envelope whose code is not 0."""
    permanent, sentence, kind = codes.meaning(code)
    said = " ".join(redact(message).split())[:80]
    is_open = codes.leaves_outcome_open(kind) and not answer.call.is_read
    return OutboundError(
        f"{sentence} (TikTok {code}{f': {said}' if said else ''})",
        permanent=permanent,
        kind=kind,
        code=str(code),
        trace_id=answer.trace_id,
        outcome_unknown=is_open,
        pause=codes.pause_for(code, message),
    )


def query(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return GET arguments; lists and objects become JSON text (TikTok facts 1)."""
    return {
        name: json.dumps(value, separators=(",", ":"))
        if isinstance(value, list | tuple | dict)
        else value
        for name, value in values.items()
    }


def _is_storable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
