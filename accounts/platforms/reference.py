"""What sources say of the four platforms, beside each other; to read, not to run on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.platforms.told import GUIDE, is_old

CHECKED = dt.date(2026, 11, 22)


@dataclass(frozen=True)
class Row:
    """One source's line of a table. Where sources differ, each has a line of the name.

    `cells` has one text a column of its table.
    """

    name: str
    cells: tuple[str, ...]
    source: str
    checked_on: dt.date = CHECKED

    @property
    def is_old(self) -> bool:
        return is_old(self.checked_on)


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""

    @property
    def sources(self) -> list[Row]:
        """Return the first line of each source: it has the name and the day."""
        first: dict[tuple[str, dt.date], Row] = {}
        for row in self.rows:
            first.setdefault((row.source, row.checked_on), row)
        return list(first.values())

    @property
    def marked(self) -> list[tuple[Row, int]]:
        """Return every line with the number of its source, for narrow screens."""
        numbers = {
            (row.source, row.checked_on): n for n, row in enumerate(self.sources, 1)
        }
        return [(row, numbers[row.source, row.checked_on]) for row in self.rows]


FACTS = "The platforms' own references, autumn 2026"

PLATFORMS = Table(
    "Four platforms",
    ("", "TikTok", "Meta", "Google Ads", "LinkedIn"),
    (
        Row(
            "Management hub",
            (
                "Business Center, at most 3",
                "Business Manager, unlimited",
                "Manager account (MCC), unlimited",
                "Campaign Manager",
            ),
            GUIDE,
        ),
        Row(
            "Management hub",
            (
                "Business Center; 30 a person by a practitioner's note",
                "Business portfolio; our business is the partner",
                "Manager account, linked to the client's account",
                "None for agencies: each person is put on the account",
            ),
            FACTS,
        ),
        Row(
            "Permission levels",
            (
                "3: Admin, Operator, Analyst",
                "4: Admin, Advertiser, Analyst, Campaign Analyst",
                "4: Admin, Standard, Read-only, Email-only",
                "5, of which it names Viewer, Creative Manager, Campaign Manager,"
                " Account Manager",
            ),
            GUIDE,
        ),
        Row(
            "Permission levels",
            (
                "ADMIN, OPERATOR, ANALYST",
                "Sets of tasks: MANAGE, ADVERTISE, ANALYZE; beside them DRAFT and"
                " AA_ANALYZE",
                "ADMIN, STANDARD, READ_ONLY, EMAIL_ONLY",
                "VIEWER, CREATIVE_MANAGER, CAMPAIGN_MANAGER, ACCOUNT_MANAGER and"
                " ACCOUNT_BILLING_ADMIN, of whom there is one",
            ),
            FACTS,
        ),
        Row(
            "Spark Ads",
            ("QR code the account's owner scans", "None", "None", "None"),
            GUIDE,
        ),
        Row(
            "Attribution",
            (
                "View-only for agencies since 2024",
                "Full control",
                "Full control",
                "Full control",
            ),
            GUIDE,
        ),
        Row(
            "OAuth scopes",
            (
                "user.info.profile, user.info.stats, ad.read, ad.write",
                "Various by product",
                "Various by API",
                "r_ads, rw_ads",
            ),
            GUIDE,
        ),
        Row(
            "OAuth scopes",
            (
                "Numbers fixed on the app: 100, 150, 153, 155, for staff 156. The"
                " user.info names belong to account holders; names for ads are in no"
                " list",
                "ads_management, ads_read, business_management",
                "One: auth/adwords",
                "rw_ads, r_ads, r_ads_reporting, r_basicprofile",
            ),
            FACTS,
        ),
        Row(
            "Constraint",
            (
                "3 Business Centers",
                "None to speak of",
                "The hierarchy of managers",
                "The Company Page is separate",
            ),
            GUIDE,
        ),
        Row(
            "Constraint",
            (
                "No call asks for access; a new center may have to accept",
                "A second admin of the client may have to approve",
                "A second admin approves people, not manager links",
                "Each of our people signs in once to our app; keys end after 60 days",
            ),
            FACTS,
        ),
    ),
    note="The portal speaks to TikTok. The other three are here to compare.",
)
