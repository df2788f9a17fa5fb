"""One open point of the facts: what it may be, and what it decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Value = bool | int | str


@dataclass(frozen=True)
class Switch:
    """One open point: its default, the values it may take, what it decides."""

    default: Value
    sentence: str
    values: tuple[Value, ...] = ()
    most: int = 0

    def accepts(self, value: Any) -> bool:
        if self.values:
            return any(value is one or value == one for one in self.values) and type(
                value
            ) is type(self.default)
        return type(value) is int and 0 <= value <= self.most


def yes_no(default: bool, sentence: str) -> Switch:
    return Switch(default, sentence, (False, True))
