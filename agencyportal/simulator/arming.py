"""Faults that wait for calls: armed over the control door, played when a call comes."""

from __future__ import annotations

from dataclasses import dataclass, field

EVERY = "*"


@dataclass
class Armed:
    """One fault in wait: it lets `after` calls pass, then spoils `times` (None: all).

    Of those it meets, `percent` are spoilt, evenly spread. `met` counts the calls of
    its endpoint so far.
    """

    endpoint: str
    fault: str
    times: int | None = None
    after: int = 0
    percent: int = 100
    met: int = 0

    def spoils(self, endpoint: str) -> bool:
        """Count a call if it is one of its endpoint; True if this one is spoilt."""
        if self.endpoint not in (EVERY, endpoint):
            return False
        self.met += 1
        is_over = self.times is not None and self.met > self.after + self.times
        turn = self.met - self.after
        is_due = turn * self.percent // 100 > (turn - 1) * self.percent // 100
        return turn > 0 and is_due and not is_over


@dataclass
class Ambush:
    """All faults in wait. Callers hold the store's lock."""

    waiting: list[Armed] = field(default_factory=list)

    def take(self, endpoint: str) -> str:
        """Return the fault that spoils this call, the one armed first, or ""."""
        spoilt_by = [armed.fault for armed in self.waiting if armed.spoils(endpoint)]
        return spoilt_by[0] if spoilt_by else ""
