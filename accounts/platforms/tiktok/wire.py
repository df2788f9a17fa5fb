"""TikTok's envelope, read strictly.

An answer is understood as a whole or not at all. TikTok facts 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.outbound import Answer, OutboundError
from accounts.outbound.redact import redact
from accounts.platforms.tiktok import codes
from accounts.platforms.tiktok.fields import (
    LONGEST_ID,
    LONGEST_SENTENCE,
    Fields,
    is_whole,
)

LARGEST_CODE = 999_999_999


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
    if not is_whole(code) or abs(code) > LARGEST_CODE:
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
    said = " ".join(redact(answer.call.hide(message)).split())[:80]
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
