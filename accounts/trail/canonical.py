"""The one byte form of a payload, so that its hash can be checked for ever.

Canonical JSON: UTF-8, keys sorted by code point, no space between tokens, no
escapes but those JSON demands. Values are null, true, false, whole numbers, text,
lists and objects. Dates and times become ISO 8601 text (UTC, `Z`), UUIDs and
decimals their usual text. Anything else, floats above all, is refused: two machines
may print it differently.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """Return `value` as canonical JSON values; raise TypeError if it has none."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case dt.datetime():
            if value.tzinfo is None:
                raise TypeError("A time on the trail needs a time zone.")
            return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        case dt.date():
            return value.isoformat()
        case uuid.UUID() | Decimal():
            return str(value)
    raise TypeError(f"{type(value).__name__} has no place on the trail.")


def canonical_json(value: Any) -> str:
    return json.dumps(
        plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def payload_hash(salt: bytes, body: str) -> str:
    """Return SHA-256(salt ‖ canonical JSON) in hexadecimal."""
    return hashlib.sha256(salt + body.encode()).hexdigest()
