"""Clients: those a name could mean, and a status that moves with what happens."""

from __future__ import annotations

from accounts.models import Client
from accounts.names import resembling
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


def of_name(name: str, *, but: Client | None = None) -> Client | None:
    """Return the client recorded under exactly this name, in upper or lower case.

    A name that was merged away leads to the client it became.
    """
    others = Client.objects.exclude(pk__in=[but.pk] if but else [])
    return now(others.filter(name__iexact=name.strip()).first())


def now(client: Client | None) -> Client | None:
    """Return the client it became by a merge, or itself."""
    return client and (client.merged_into or client)


def look_alikes(name: str, *, but: Client) -> list[Client]:
    """Return the clients whose name, or one merged into it, resembles `name`."""
    known = Client.objects.values_list("pk", "name", "merged_into")
    now = {pk: merged_into or pk for pk, _, merged_into in known}
    alike = {now[key] for key in resembling(name, [row[:2] for row in known])}
    alike.discard(but.pk)
    found = Client.objects.filter(pk__in=alike)
    return list(found.prefetch_related("assignments__user"))
