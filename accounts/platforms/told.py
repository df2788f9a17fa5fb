"""What a source says, and when somebody last looked: nothing here lasts for ever."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise

OLD_AFTER = dt.timedelta(days=90)

GUIDE = "The agency's guide, March 2026"


def is_old(checked_on: dt.date) -> bool:
    """True when it is time to look it up again."""
    return timezone.localdate() - checked_on > OLD_AFTER


@dataclass(frozen=True)
class Told:
    """One source's word. Sources that disagree stand side by side."""

    words: str | Promise
    source: str
    checked_on: dt.date

    @property
    def is_old(self) -> bool:
        return is_old(self.checked_on)
