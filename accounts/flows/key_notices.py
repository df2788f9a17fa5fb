"""Word to colleagues about keys that need a person: one letter each, not one a key.

Trouble of many keys at once is gathered for a while first. A whole key's end is told
30, 14 and 3 days ahead.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from accounts import keys as words
from accounts.letters import LetterRefused, in_full, send_letter
from accounts.models import (
    Client,
    Connection,
    Consent,
    KeyNotice,
    SparkAuthorization,
    User,
)
from accounts.roles import ACCESS_OWNERS

GATHER_FOR = dt.timedelta(minutes=10)
BEFORE_END = (3, 14, 30)
MOST_ROWS = 20


def sweep(now: dt.datetime) -> int:
    """Make the notices that are due and queue their letters; return how many."""
    with transaction.atomic():
        troubled, ending = _troubled(now), _ending(now)
        notices = _one_each([*troubled, *ending])
        Connection.objects.filter(pk__in=[key.pk for key in troubled]).update(
            told_at=now
        )
        for notice in notices:
            async_task("accounts.tasks.tell_of_keys", str(notice.pk))
    return len(notices)


def send(notice_id: str) -> bool:
    """Send one notice, once; False if it was sent before, or all of it was mended.

    Raises LetterRefused: the job shows it, and so does the front page what it is about.
    """
    unsent = KeyNotice.objects.filter(pk=notice_id, sent_at__isnull=True)
    if not unsent.update(sent_at=timezone.now()):
        return False
    notice = KeyNotice.objects.select_related("user").get(pk=notice_id)
    with timezone.override(notice.user.zone):
        letter = _letter(notice)
        if not letter["rows"]:
            return False
        try:
            send_letter("key_notice", to=notice.user.email, context=letter)
        except LetterRefused as error:
            KeyNotice.objects.filter(pk=notice_id).update(problem=str(error)[:300])
            raise
    return True


def _troubled(now: dt.datetime) -> list[Connection]:
    """Return the dead keys nobody was told of, once the first has waited a while."""
    untold = Connection.objects.select_for_update().filter(
        state=Connection.State.NEEDS_REAUTHORIZATION,
        told_at__isnull=True,
        problem_at__isnull=False,
    )
    if not untold.filter(problem_at__lte=now - GATHER_FOR).exists():
        return []
    return list(untold)


def _ending(now: dt.datetime) -> list[Connection]:
    """Return the keys whose end has come nearer than was told, and book that it is."""
    found: list[Connection] = []
    for days in BEFORE_END:
        near = Connection.objects.select_for_update().filter(
            Q(end_told__isnull=True) | Q(end_told__gt=days),
            state=Connection.State.LIVE,
            expires_at__gt=now,
            expires_at__lte=now + dt.timedelta(days=days),
        )
        keys = list(near)
        near.filter(pk__in=[key.pk for key in keys]).update(end_told=days)
        found += keys
    return found


def _one_each(keys: Iterable[Connection]) -> list[KeyNotice]:
    told: dict[User, list[Connection]] = defaultdict(list)
    for colleague, key in _pairs(list(keys)):
        told[colleague].append(key)
    notices = []
    for colleague, about in told.items():
        notice = KeyNotice.objects.create(user=colleague)
        notice.keys.set(about)
        notices.append(notice)
    return notices


def _pairs(keys: list[Connection]) -> Iterable[tuple[User, Connection]]:
    """Yield each key with whoever acts for a client it serves.

    A key of no client, or of one whom nobody serves now, is for the access owners.
    """
    clients = _clients_of(keys)
    acting = {client.pk: client.acts for client in _with_people(clients)}
    owners = list(User.objects.filter(is_active=True, groups__name=ACCESS_OWNERS))
    for key in keys:
        people = {acting[pk] for pk in clients[key.pk] if acting.get(pk)}
        for colleague in people or owners:
            yield colleague, key


def _clients_of(keys: list[Connection]) -> dict[Any, set[Any]]:
    clients: dict[Any, set[Any]] = defaultdict(set)
    consents = Consent.objects.standing().filter(
        connection__in=keys, client__isnull=False
    )
    asked = SparkAuthorization.objects.filter(connection__in=keys).exclude(
        state__in=SparkAuthorization.ENDED
    )
    for key, client in [
        *consents.values_list("connection", "client"),
        *asked.values_list("connection", "client"),
    ]:
        clients[key].add(client)
    return clients


def _with_people(clients: dict[Any, set[Any]]) -> Iterable[Client]:
    every = set().union(*clients.values())
    return Client.objects.filter(pk__in=every).prefetch_related("assignments__user")


def _letter(notice: KeyNotice) -> dict[str, Any]:
    """Say what stands now: what was mended since is not in it."""
    keys = notice.keys.need_a_person().order_by("expires_at", "label")
    rows = [_row(key) for key in keys[:MOST_ROWS]]
    return {
        "colleague": notice.user,
        "total": keys.count(),
        "more": max(0, keys.count() - len(rows)),
        "rows": rows,
        "url": in_full(reverse("admin:accounts_connection_changelist")) + "?end=person",
    }


def _row(key: Connection) -> dict[str, Any]:
    who, does = words.who_acts(key)
    return {
        "title": f"Key of {key}",
        "sentence": key.problem or f"{who}: {does}.",
        "url": in_full(reverse("admin:accounts_connection_change", args=[key.pk])),
    }
