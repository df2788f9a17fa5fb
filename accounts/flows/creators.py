"""Creators in the books: each stands once, by the handle, for all their clients."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.flows.spark import CannotAsk
from accounts.models import Creator, SparkAuthorization, User
from accounts.trail import Actor, record

ANOTHERS = (
    "@{handle} is known here for a client you do not see. An access owner asks this"
    " creator."
)


def bare_handle(typed: str) -> str:
    """Return a handle as the books write it: without its sign, in small letters."""
    return typed.strip().removeprefix("@").lower()


def known_or_new(told: Mapping[str, str], *, user: User) -> Creator:
    """Return whose handle it is, booked if new; what is known of them stays.

    Raises CannotAsk where only clients this colleague does not see work with them.
    """
    with transaction.atomic():
        creator, made = Creator.objects.get_or_create(
            handle=told["handle"],
            defaults={name: value for name, value in told.items() if name != "handle"},
        )
        if made:
            data = {"kind": "creator", "fields": ", ".join(told)}
            record("creator.added", by=Actor.staff(user), subject=creator, data=data)
        elif not Creator.objects.visible_to(user).filter(pk=creator.pk).exists():
            raise CannotAsk(ANOTHERS.format(**told))
    return creator


def may_edit(user: User, creator: Creator) -> bool:
    """True for who sees every client that asks this creator now.

    Letters about all of them go to the one address, and logins are held against the
    one handle.
    """
    live = creator.authorizations.exclude(state__in=SparkAuthorization.ENDED)
    seen = SparkAuthorization.objects.visible_to(user)
    return not live.exclude(pk__in=seen.values("pk")).exists()
