"""TikTok's roles and ways in, as its sources tell them, each dated."""

from __future__ import annotations

from types import MappingProxyType

from accounts.platforms.reference import CHECKED, Row, Table
from accounts.platforms.told import GUIDE, Told

API = "TikTok API for Business, v1.3"
HELP = "TikTok help: manage assets in an agency's Business Center"

# Where people do what no call does, and what is told of it (facts 5.3 and 5.4).
ASKING = (
    Told("Assets, Ad Accounts, Add Ad Account, Request Access", GUIDE, CHECKED),
    Told("Ad accounts, Link accounts: so called since March 2026", HELP, CHECKED),
)
NO_CALL = (
    Told(
        "No tool can send Method A's request: TikTok's API has no call for it.",
        "Its endpoint index v1.3 and its SDK 1.1.3",
        CHECKED,
    ),
)
ACCEPTING = (
    Told(
        "A partner sees the accounts at once.",
        "TikTok help: share assets with partners, 2024",
        CHECKED,
    ),
    Told(
        "Nothing is listed until the receiving center accepts.",
        "A practitioner's tests",
        CHECKED,
    ),
)
ON_THE_WEBSITE = MappingProxyType(
    {"asking": ASKING, "no_call": NO_CALL, "accepting": ACCEPTING}
)

ACCOUNT_ROLES = Table(
    "On an ad account",
    ("Role", "May", "Best for"),
    (
        Row(
            "Admin",
            (
                "Everything: money, campaigns, people",
                "Lead strategists, campaign managers",
            ),
            GUIDE,
        ),
        Row("Admin", ("Finance, settings, permissions, and all below", ""), API),
        Row(
            "Operator",
            (
                "Make and edit ads, run campaigns; no billing",
                "Media buyers, content specialists; the start of a new relationship",
            ),
            GUIDE,
        ),
        Row("Operator", ("Make and edit campaigns, read reports", ""), API),
        Row(
            "Analyst",
            ("Reports and figures only", "Reporting analysts, stakeholders"),
            GUIDE,
        ),
        Row("Analyst", ("Read", "The default where a call names no role"), API),
    ),
    note="Start with Operator. Admin needs another person's yes and an end date.",
)
CENTER_ROLES = Table(
    "In a Business Center",
    ("Role", "May", "Best for"),
    (
        Row(
            "Admin",
            ("The whole center, its members included", "Two people, each attested"),
            GUIDE,
        ),
        Row(
            "Admin",
            ("Reads and writes partners, members and assets by API", ""),
            API,
        ),
        Row(
            "Standard",
            ("Only what is assigned to them", "Everybody else"),
            GUIDE,
        ),
        Row("Standard", ("Sees the center; may share nothing", ""), API),
    ),
)
FINANCE_ROLES = Table(
    "In its finances, apart from the ad accounts",
    ("Role", "May", "Best for"),
    (
        Row(
            "Finance Manager",
            ("Payments and how the budget is spread", "Who pays the invoices"),
            GUIDE,
        ),
        Row(
            "Finance Analyst",
            ("See invoices and transactions", "Who checks the invoices"),
            GUIDE,
        ),
        Row(
            "Finance role",
            ("MANAGER or ANALYST, laid over a seat; a seat may have none", ""),
            API,
        ),
    ),
    note="A finance role needs another person's yes, a reason and an end date.",
)

WAYS = Table(
    "Three ways in",
    ("", "One link", "Method A: we ask", "Method B: they invite us"),
    (
        Row(
            "Who begins",
            ("We, with a link", "We, in our Business Center", "The client, in theirs"),
            GUIDE,
        ),
        Row(
            "Best for",
            (
                "Nearly everybody",
                "Clients without a Business Center, or who want to press one button",
                "Large clients with an onboarding of their own",
            ),
            GUIDE,
        ),
        Row(
            "Where",
            (
                "The client's page of this portal",
                str(ASKING[0].words),
                "Users, Partners, Add Partner",
            ),
            GUIDE,
        ),
        Row(
            "Where",
            (
                "TikTok's consent page",
                str(ASKING[1].words),
                "Partners; assets are given there, and taken back",
            ),
            HELP,
        ),
        Row(
            "What is needed",
            (
                "A contact, and an admin of the client's center",
                "The ad account's number and its owner's yes",
                "Our Business Center's number",
            ),
            GUIDE,
        ),
        Row(
            "Our number",
            (
                "On the page",
                "In the request",
                "Settings, Business Information, near the top",
            ),
            GUIDE,
        ),
        Row(
            "Without the client",
            (
                "One press",
                "Accounts can be asked for without the client",
                "The client does it",
            ),
            GUIDE,
        ),
        Row(
            "Without the client",
            (
                "The client consents and ticks",
                "No call asks for access, and the owner must approve",
                "The client adds us; our center may have to accept",
            ),
            API,
        ),
        Row(
            "What is read",
            (
                "The share, in our center",
                "PENDING, then BOUND, REJECTED or UNBOUND",
                "The partner, then what it shares",
            ),
            API,
        ),
        Row(
            "How long",
            ("About 5 minutes", "2 to 3 working days", "2 to 3 working days"),
            GUIDE,
        ),
    ),
)
SPARK = Table(
    "Spark Ads need a way of their own",
    ("Step", "What happens"),
    (
        Row(
            "Ask",
            ("A center's admin: Assets, TikTok Accounts, Request Access",),
            GUIDE,
        ),
        Row(
            "Choose",
            ("Profile, live videos, posts for ads, public videos",),
            GUIDE,
        ),
        Row("Choose", ("POST, LIVE, DIRECT_MESSAGE",), API),
        Row(
            "Choose",
            ("user.info.basic, .username, .profile; video.list; biz.spark.auth",),
            API,
        ),
        Row("Scan", ("The account's owner scans a QR code",), GUIDE),
        Row(
            "Scan",
            ("The owner consents to our app, or approves our center's own link",),
            API,
        ),
        Row("Serve", ("Members of the center get what they need",), GUIDE),
    ),
    note="Live videos are given by way of a center alone: no scope is known for them.",
)
