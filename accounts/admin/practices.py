"""The guide's security practices and checklists, and what the portal does for each."""

from __future__ import annotations

from django.conf import settings

from accounts.platforms.reference import Row, Table
from accounts.platforms.told import GUIDE

COLUMNS = ("Practice", "What the portal does", "Where")
NOT_YET = "Not yet"
ANY_ADDRESS = (
    "No domain of ours is set, so any address may be invited, a stranger's too. The"
    " operator sets STAFF_EMAIL_DOMAINS to where our people have their mail, as in"
    " STAFF_EMAIL_DOMAINS=agency.example, and starts the portal again."
)

PRACTICES = (
    Table(
        "Practices",
        COLUMNS,
        (
            Row(
                "No shared passwords",
                (
                    "Access comes by the platform's consent or share. No page and no"
                    " letter asks for a password; keys lie encrypted in the vault.",
                    "Keys",
                ),
                GUIDE,
            ),
            Row(
                "Two-step sign-in",
                (
                    "Nobody enters this portal without it. For each admin of our"
                    " centers it is attested, with who and when.",
                    "Our centers",
                ),
                GUIDE,
            ),
            Row(
                "Quarterly audit",
                (
                    "Every grant is read back every six hours, and what nobody asked"
                    " for is shown. The review with its decisions is not built yet.",
                    "Role grants",
                ),
                GUIDE,
            ),
            Row(
                "Removal at once",
                (
                    "Take back on every grant, proved by a read. Leaving as one step"
                    " is not built yet.",
                    "Role grants",
                ),
                GUIDE,
            ),
            Row(
                "One address a person",
                (
                    "A member has an address of their own; shared mailboxes are"
                    " refused with the reason, and so is a domain that is not ours.",
                    "Members",
                ),
                GUIDE,
            ),
            Row(
                "Connected centers watched",
                (
                    "Every partner of our centers is read and has a standing; an"
                    " unknown one is flagged.",
                    "Our centers",
                ),
                GUIDE,
            ),
        ),
    ),
    Table(
        "When a client leaves",
        COLUMNS,
        (
            Row("Revoke the access", ("Take back, proved by a read.", "Grant"), GUIDE),
            Row(
                "Our people off the accounts",
                ("Taken off with the share, or alone.", "Grant"),
                GUIDE,
            ),
            Row("Spark authorizations ended", (NOT_YET, ""), GUIDE),
            Row("Data exported", (NOT_YET, ""), GUIDE),
            Row("Confirmed in writing", (NOT_YET, ""), GUIDE),
        ),
    ),
)


def unguarded() -> str:
    """Return what is missing while any address passes; "" once domains are set."""
    return "" if settings.STAFF_EMAIL_DOMAINS else ANY_ADDRESS
