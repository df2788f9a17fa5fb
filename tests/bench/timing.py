"""How long one thing takes beside another, on a machine with other things to do."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median, quantiles

Act = Callable[[], object]

FEWEST, MOST = 9, 60
CLOSE_ENOUGH = 0.02


@dataclass
class Pairs:
    """Times of two acts, measured in turns, so that both meet the same neighbours."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self._ratios())

    @property
    def milliseconds(self) -> float:
        return median(self.ours) * 1_000

    def is_settled(self) -> bool:
        """True when the middle half lies so close that more pairs move nothing."""
        ratios = self._ratios()
        if len(ratios) < FEWEST:
            return False
        low, middle, high = quantiles(ratios, n=4)
        return (high - low) / middle / len(ratios) ** 0.5 < CLOSE_ENOUGH

    def _ratios(self) -> list[float]:
        return [a / b for a, b in zip(self.ours, self.theirs, strict=True)]


def compare(ours: Act, theirs: Act, *, seconds: float) -> Pairs:
    """Run both in turns until the ratio has settled, or `seconds` are over."""
    pairs = Pairs()
    for _ in range(2):  # the first runs pay for what a process keeps
        ours(), theirs()
    gc.collect()
    end = time.monotonic() + seconds
    while len(pairs.ours) < MOST and not pairs.is_settled():
        pairs.ours.append(_timed(ours))
        pairs.theirs.append(_timed(theirs))
        if time.monotonic() > end:
            break
    return pairs


def _timed(act: Act) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
