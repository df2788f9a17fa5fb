"""One grant of every state, with what led there: for pictures and for the eye.

`python -m tests.gallery` hangs it in the books of the environment.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import Client, Grantee, RoleGrant, User

CLIENT = "Galleria Nazionale delle Biciclette e Accessori"
OURS = "Northlight Agency"


@dataclass(frozen=True)
class Piece:
    """One state: on which account, whose turn, what is said of it."""

    name: str
    state: str
    waits_on: str = ""
    problem: str = ""
    observed: str = "operator"
    hours: float = 1.0

    @property
    def account(self) -> str:
        return f"Galleria {self.name}"


PIECES = (
    Piece("Active", "active"),
    Piece("Not checked", "active", hours=30),
    Piece(
        "Drifted",
        "drifted",
        "account_manager",
        "Northlight Agency holds Analyst (ANALYST); we asked for Operator. Ask for the"
        " role again, or for this one instead.",
        "analyst",
    ),
    Piece(
        "Lost",
        "lost",
        "account_manager",
        "Not listed for Northlight Agency at 21 November, 16:05 and at 21 November,"
        " 16:20: gone in two reads. Ask the client whether it was taken back; a new"
        " request gives it again.",
        hours=40,
    ),
    Piece(
        "Found",
        "found",
        "account_manager",
        "Northlight Agency holds Operator (OPERATOR); nobody asked for it here. Adopt"
        " it or take it back.",
    ),
    Piece("Found as Admin", "found", "account_manager", observed="admin"),
    Piece("Requesting", "requesting", "portal", observed=""),
    Piece("Pending here", "pending", "center_admin", observed=""),
    Piece("Pending there", "pending", "client", observed=""),
    Piece("Unverified", "unverified", "platform", "The portal reads again.", ""),
    Piece(
        "Other role",
        "unverified",
        "client",
        "In Business Center 7210334451890176002, under Partners, the client opens"
        " 7210334451890176003 and sets 7301846225110446081 to Operator.",
        "analyst",
    ),
    Piece("Removing", "withdrawing", "portal"),
    Piece("Client removes", "withdrawing", "client", "The client ends our access."),
    Piece("Removed", "withdrawn"),
    Piece(
        "By hand",
        "manual",
        "account_manager",
        "The client has no Business Center. Ask for the account in ours.",
        "",
    ),
    Piece("Declined", "declined", observed="", problem="The request was declined."),
    Piece("Expired", "expired", observed=""),
    Piece("Failed", "failed", observed="", problem="There is no such account."),
    Piece("Draft", "draft", "client", observed=""),
)
SOURCES = {"found": "found", "manual": "method_a"}


def hang(factory: Any, lead: User, buyer: User) -> dict[str, RoleGrant]:
    """Make the client and a grant for each piece; return the grants by name."""
    from accounts.models import Asset, Grantee

    client = factory.make_client(name=CLIENT, vertical="Bicycles")
    factory.make_assignment(client=client, user=lead)
    factory.make_assignment(client=client, user=buyer, role="buyer")
    factory.make_contact(client=client, name="Giulia Bianchi", is_primary=True)
    receiver = Grantee.objects.filter(label=OURS).first() or factory.make_receiver(
        label=OURS
    )
    centers = [
        factory.make_center(
            name=f"{client.name}, {part}", owner=Asset.Owner.CLIENT, client=client
        )
        for part in ("Italia", "Österreich")
    ]
    return {
        piece.name: _hang_one(factory, client, centers[n % 2], receiver, piece)
        for n, piece in enumerate(PIECES)
    }


def _hang_one(
    factory: Any, client: Client, center: Any, receiver: Grantee, piece: Piece
) -> RoleGrant:
    from django.utils import timezone

    read_at = timezone.now() - dt.timedelta(hours=piece.hours)
    account = factory.make_ad_account(name=piece.account, client=client, center=center)
    held = {
        "observed_role": piece.observed,
        "observed_native": piece.observed.upper(),
        "verified_at": read_at,
        "accepted_at": read_at - dt.timedelta(days=2),
    }
    grant = factory.make_grant(
        asset=account,
        grantee=receiver,
        state=piece.state,
        waits_on=piece.waits_on,
        problem=piece.problem,
        asked_role="" if piece.state == "found" else "operator",
        source=SOURCES.get(piece.state, "link"),
        reason="" if piece.state == "found" else "Launch of the spring bicycles",
        asked_at=timezone.now() - dt.timedelta(days=5),
        since=read_at,
        **(held if piece.observed else {}),
    )
    if piece.observed:
        _read(factory, grant, read_at)
        _put_people_on(factory, grant)
    return grant


def _read(factory: Any, grant: RoleGrant, read_at: dt.datetime) -> None:
    from accounts.models import Connection, GrantAttempt, GrantRead, PlatformRead

    key = Connection.objects.filter(label="Galleria's reader").first()
    key = key or factory.make_connection(label="Galleria's reader")
    read = PlatformRead.objects.create(
        connection=key,
        list_name="partner_accounts",
        read_at=read_at,
        rows_told=138,
        rows_stored=138,
        pages=3,
        trace_ids=["202611230704184A0D7E1B3"],
    )
    GrantRead.objects.create(read=read, grant=grant, found=grant.observed_native)
    GrantAttempt.objects.create(
        grant=grant,
        operation=GrantAttempt.Operation.SHARE,
        connection=key,
        outcome=GrantAttempt.Outcome.SAID_YES,
        trace_id="20261120133104A1F39C88",
    )


def _put_people_on(factory: Any, grant: RoleGrant) -> None:
    """Jonas works on it; Anneliese's long name has to fit, too."""
    from accounts.models import Grantee

    for n, name in enumerate(("Jonas Lind", "Anneliese Wittgenstein-Hohenzollern")):
        person, _ = Grantee.objects.get_or_create(
            platform="tiktok",
            kind=Grantee.Kind.PERSON,
            external_id=f"70000000000000000{n:02}",
            defaults={"label": name, "standing": Grantee.Standing.OURS},
        )
        factory.make_grant(
            asset=grant.asset,
            grantee=person,
            via=grant,
            asked_role=grant.asked_role,
            source=grant.source,
            state=grant.state,
            waits_on=grant.waits_on,
            observed_role=grant.observed_role,
            observed_native=grant.observed_native,
            verified_at=grant.verified_at,
        )


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agencyportal.settings")
    django.setup()
    from accounts.models import User
    from tests.factory import Factory

    hang(
        Factory(),
        User.objects.get(email="mira.okafor@northlight.example"),
        User.objects.get(email="jonas.lind@northlight.example"),
    )


if __name__ == "__main__":
    main()
