"""Dated facts for people: limits with their sources, roles in plain words.

Sources that disagree stand side by side; `is_used` marks the one warnings count by.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.platforms.roles import Role

CHECKED_ON = dt.date(2026, 11, 22)

CENTERS_PER_USER = "Business Centers per login"
ACCOUNTS_PER_CENTER = "Ad accounts per Business Center"


@dataclass(frozen=True)
class Limit:
    """One limit as one source gives it."""

    subject: str
    value: int
    source: str
    is_used: bool
    checked_on: dt.date = CHECKED_ON


LIMITS = (
    Limit(CENTERS_PER_USER, 3, "The agency's own guide, 2026", is_used=True),
    Limit(CENTERS_PER_USER, 30, "A practitioner's note", is_used=False),
    Limit(
        ACCOUNTS_PER_CENTER,
        150,
        "TikTok help: Business Center FAQ, 2024; agencies may have more",
        is_used=True,
    ),
    Limit(ACCOUNTS_PER_CENTER, 3000, "The agency's own guide, 2026", is_used=False),
)

# Facts 4, `advertiser_role`.
ROLE_WORDS = {
    Role.ANALYST: "Sees campaigns and reports. Changes nothing.",
    Role.OPERATOR: "Makes and edits campaigns and sees reports. No billing, no users.",
    Role.ADMIN: "All that Operator does, and payment, settings and who has access.",
    Role.UNKNOWN: "A role the portal does not know. It does not count as working.",
}
