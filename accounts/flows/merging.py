"""Two clients turn out to be one: all that names the first names the second.

Each app states its own rows that name a client, and which of two could not both
stand. The preview and the merge ask the same; nothing moves that was not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from accounts.flows import clients
from accounts.flows.apart import in_turn
from accounts.flows.approvals import digest_of
from accounts.models import Client, User
from accounts.roles import is_access_owner
from accounts.trail import Actor, record

MOST_NAMES = 6


class CannotMerge(Exception):
    """Says in a sentence why the two stay two, and what to do."""


@dataclass(frozen=True)
class Clash:
    """Two rows one client cannot have, and how that ends; `solve` books it.

    `is_last`: only once everything has moved, since it tells of what came of that.
    """

    sentence: str
    solve: Callable[[Actor], None]
    is_last: bool = False


def _nothing(gone: Client, kept: Client) -> Iterable[Clash]:
    return ()


@dataclass(frozen=True)
class Part:
    """Rows of one table that name a client by `path`.

    A longer path goes along with what it leads to. Without a noun it is not shown.
    """

    model: type[Model]
    noun: str = ""
    path: str = "client"
    clashes: Callable[[Client, Client], Iterable[Clash]] = _nothing

    @property
    def is_own(self) -> bool:
        return "__" not in self.path

    def of(self, client: Client) -> QuerySet[Any]:
        return self.model._base_manager.filter(**{self.path: client})


@dataclass(frozen=True)
class Preview:
    """What a merge would do; `digest` changes with any of it."""

    moves: list[tuple[str, str]]
    clashes: list[str]
    digest: str


_parts: list[Part] = []


def carry(*parts: Part) -> None:
    """Register rows that go along with their client; those registered last go first.

    A visit locks its request before it books accounts: who merges must do the same.
    """
    _parts[:0] = [part for part in parts if part not in _parts]


def not_carried() -> list[str]:
    """Return every foreign key to a client that no part stands for."""
    carried = {(part.model, part.path) for part in _parts}
    return [
        f"{model._meta.label}.{name}"
        for model, name in keys_to(Client)
        if (model, name) not in carried
    ]


def keys_to(model: type[Model]) -> list[tuple[type[Model], str]]:
    """Return every foreign key to a table, as the model and field it stands on."""
    fields: list[Any] = list(model._meta.get_fields(include_hidden=True))
    return [
        (one.related_model, one.field.name)
        for one in fields
        if one.auto_created and not one.concrete
    ]


def why_not(gone: Client, kept: Client, user: Any) -> str:
    """Return in a sentence why this person may not merge these; "" if they may."""
    if not is_access_owner(user):
        return "Only an access owner merges clients."
    if gone.pk == kept.pk:
        return "That is the same entry. Choose the other one."
    for client in (gone, kept):
        if client.merged_into_id:
            return f"{client} was merged already. Start from the client it became."
    return ""


def preview(gone: Client, kept: Client) -> Preview:
    moves, keys = [], []
    for part in (part for part in _parts if part.noun):
        rows = part.of(gone).order_by("pk")
        keys.append([str(pk) for pk in rows.values_list("pk", flat=True)])
        if count := len(keys[-1]):
            names = _names(rows, count) if part.is_own else ""
            moves.append((part.noun, f"{count}{names}"))
    clashes = [clash.sentence for clash in _clashes(gone, kept)]
    what = {"gone": gone.pk, "kept": kept.pk, "keys": keys, "clashes": clashes}
    return Preview(moves, clashes, digest_of(what))


def _names(rows: QuerySet[Any], count: int) -> str:
    names = ", ".join(str(row) for row in rows[:MOST_NAMES])
    more = f" and {count - MOST_NAMES} more" if count > MOST_NAMES else ""
    return f": {names}{more}"


def merge(gone: Client, kept: Client, *, digest: str, user: User) -> None:
    """Let `kept` have all that was `gone`'s; `gone` leads there from now on.

    Raises CannotMerge, also when anything differs from the preview of `digest`.
    """
    by = Actor.staff(user)
    with transaction.atomic():
        gone, kept = _hold(gone, kept)
        if no := why_not(gone, kept, user):
            raise CannotMerge(no)
        seen = preview(gone, kept)
        if seen.digest != digest:
            raise CannotMerge("What would move has changed meanwhile. Read it again.")
        _move(gone, kept, by=by)
        was = Client.Status(gone.status)
        Client.objects.filter(pk=gone.pk).update(
            merged_into=kept, status=Client.Status.FORMER
        )
        told = {"gone": gone.name, "kept": kept.name, "solved": seen.clashes}
        told["moved"] = [f"{noun}: {names}" for noun, names in seen.moves]
        for client in (gone, kept):
            record("client.merged", by=by, subject=client, client=client, data=told)
        for status in _steps_to(was):
            clients.move_on(kept, status, by=by)


def gather(*, by: Actor) -> int:
    """Bring on what came under a merged client while it was merged; return how many.

    A page or a job that began before may have booked it there.
    """
    left = {
        key
        for part in _parts
        if part.is_own and part.model is not Client
        for key in part.model._base_manager.filter(
            **{f"{part.path}__merged_into__isnull": False}
        ).values_list(part.path, flat=True)
    }
    found = Client.objects.filter(pk__in=left)
    return len(in_turn(partial(_bring_on, late, by=by) for late in found))


@transaction.atomic
def _bring_on(late: Client, *, by: Actor) -> None:
    assert late.merged_into is not None
    _move(*_hold(late, late.merged_into), by=by)


def _hold(gone: Client, kept: Client) -> tuple[Client, Client]:
    """Lock both in one order for everybody: no deadlock.

    Not their keys: whoever books a row for one of them must not wait for us while we
    wait for their request.
    """
    keys = [gone.pk, kept.pk]
    both = Client.objects.filter(pk__in=keys).order_by("pk")
    held = both.select_for_update(no_key=True)
    by_key = {client.pk: client for client in held}
    return by_key[gone.pk], by_key[kept.pk]


def _move(gone: Client, kept: Client, *, by: Actor) -> None:
    clashes = _clashes(gone, kept)
    for clash in clashes:
        if not clash.is_last:
            clash.solve(by)
    for part in _parts:
        if part.is_own:
            part.of(gone).update(**{part.path: kept})
    for clash in clashes:
        if clash.is_last:
            clash.solve(by)


def _clashes(gone: Client, kept: Client) -> list[Clash]:
    return [clash for part in _parts for clash in part.clashes(gone, kept)]


def _steps_to(status: Client.Status) -> tuple[Client.Status, ...]:
    """Return the way up to where the other client stood already."""
    way = (Client.Status.ONBOARDING, Client.Status.ACTIVE)
    return way[: way.index(status) + 1] if status in way else ()
