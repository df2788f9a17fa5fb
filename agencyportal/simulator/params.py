"""Typed reading of arguments; every fault is a 40002 that names the field.

GET sends text, with arrays and objects as JSON inside it; POST sends a JSON body.
Ids are decimal text in both: a JSON number would lose digits (TikTok facts 1).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, TypeGuard
from urllib.parse import parse_qsl

from agencyportal.simulator.wire import BAD_PARAMETER, ApiError, Request


def bad(name: str, why: str) -> ApiError:
    return ApiError(BAD_PARAMETER, f"{name}: {why}")


class Params:
    """The arguments of one call. `is_text` is True when they came in a query."""

    def __init__(self, values: Mapping[str, Any], *, is_text: bool = False) -> None:
        self.values = values
        self.is_text = is_text

    def text(self, name: str, *, default: str | None = None, most: int = 2000) -> str:
        """Return a string; without a default it is required."""
        value = self.values.get(name)
        if value is None or value == "":
            if default is None:
                raise bad(name, "Missing data for required field.")
            return default
        if not _is_text(value):
            raise bad(name, "Not a valid string.")
        if len(value) > most:
            raise bad(name, f"Longer than maximum length {most}.")
        return value

    def id(self, name: str, *, default: str | None = None) -> str:
        value = self.text(name, default=default)
        if value and not _is_id(value):
            raise bad(name, "Not a valid id.")
        return value

    def texts(self, name: str, *, least: int = 0, most: int | None = None) -> list[str]:
        """Return a list of strings without repetitions, in the order sent."""
        value = self._structure(name)
        if value is None:
            value = []
        if not isinstance(value, list):
            raise bad(name, "Not a valid list.")
        if not all(_is_text(item) and item for item in value):
            raise bad(name, "Not a valid string in the list.")
        if len(value) < least:
            raise bad(name, "Missing data for required field.")
        if most is not None and len(value) > most:
            raise bad(name, f"Longer than maximum length {most}.")
        return list(dict.fromkeys(value))

    def ids(self, name: str, *, least: int = 0, most: int | None = None) -> list[str]:
        values = self.texts(name, least=least, most=most)
        if not all(_is_id(value) for value in values):
            raise bad(name, "Not a valid id in the list.")
        return values

    def nested(self, name: str) -> Params:
        """Return the members of an object; an absent one is empty."""
        value = self._structure(name)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise bad(name, "Not a valid object.")
        return Params(value)

    def choice(
        self, name: str, allowed: Collection[str], *, default: str | None = None
    ) -> str:
        value = self.text(name, default=default)
        if value != default and value not in allowed:
            raise bad(name, f"Must be one of {', '.join(sorted(allowed))}.")
        return value

    def boolean(self, name: str, *, default: bool) -> bool:
        value = self.values.get(name, default)
        if self.is_text and isinstance(value, str):
            value = {"true": True, "false": False}.get(value.lower(), value)
        if not isinstance(value, bool):
            raise bad(name, "Not a valid boolean.")
        return value

    def integer(self, name: str, *, default: int, least: int, most: int) -> int:
        value = self.values.get(name, default)
        if self.is_text and isinstance(value, str) and value.isascii():
            value = int(value) if value.isdigit() and len(value) < 12 else value
        if isinstance(value, bool) or not isinstance(value, int):
            raise bad(name, "Not a valid integer.")
        if not least <= value <= most:
            raise bad(name, f"Must be between {least} and {most}.")
        return value

    def page(self, most: int) -> tuple[int, int]:
        """Return page and page_size; a size over the maximum is refused."""
        return (
            self.integer("page", default=1, least=1, most=1_000_000),
            self.integer("page_size", default=10, least=1, most=most),
        )

    def _structure(self, name: str) -> Any:
        value = self.values.get(name)
        if not self.is_text or value is None or value == "":
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise bad(name, "Not valid JSON text.") from None


def read_params(request: Request, *, allows_form: bool = False) -> Params:
    """Return the arguments of a request: its query for GET, else its body."""
    if request.method == "GET":
        return Params(request.query, is_text=True)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if allows_form and kind == "application/x-www-form-urlencoded":
        return Params(dict(parse_qsl(request.body.decode(errors="replace"))))
    if kind != "application/json":
        raise ApiError(BAD_PARAMETER, "Content-Type must be application/json.")
    try:
        values = json.loads(request.body)
    except (ValueError, RecursionError):
        raise ApiError(BAD_PARAMETER, "The body is not valid JSON.") from None
    if not isinstance(values, dict):
        raise ApiError(BAD_PARAMETER, "The body is not a JSON object.")
    return Params(values)


def _is_text(value: object) -> TypeGuard[str]:
    """Return False for half a surrogate pair too: JSON lets it in, UTF-8 does not."""
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 20
