"""A client's status moves with what happens, never by hand."""

from __future__ import annotations

from accounts.models import Client
from accounts.trail import Actor, record

FORWARD = {
    Client.Status.ONBOARDING: {Client.Status.PROSPECT, Client.Status.FORMER},
    Client.Status.ACTIVE: {Client.Status.PROSPECT, Client.Status.ONBOARDING},
}


def move_on(client: Client, status: Client.Status, *, by: Actor) -> None:
    """Move the client forward to `status` if they stand before it.

    Call inside the transaction of what caused the move.
    """
    moved = Client.objects.filter(pk=client.pk, status__in=FORWARD[status]).update(
        status=status
    )
    if moved:
        client.status = status
        record(
            "client.moved",
            by=by,
            subject=client,
            client=client,
            data={"status": Client.Status(status).label},
        )
