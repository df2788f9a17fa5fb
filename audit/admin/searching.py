"""What is typed into the trail's search box, looked for where it may stand.

A word is the name of a client, a colleague, a contact or an account, an account's id,
what happened, or a request id. Several words narrow each other: "Mira approved" is
both. Names are looked up among what the colleague may see and become keys, as events
hold no names.
"""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q

from accounts.models import Asset, Client, Contact, RoleGrant, User
from accounts.trail.models import EventQuerySet
from accounts.trail.vocabulary import known_actions
from onboarding.models import AccessLink

# More words, and more people of one name, than anybody means.
MOST_WORDS = 6
MOST_KEYS = 200

# An account's events say which desk it was at.
ASSETS = ("accounts.asset", "accounts.adaccount", "accounts.businesscenter")

BLANK = re.compile(r"\{\w+\}")
REQUEST_ID = re.compile(r"[0-9a-f]{32}")


def search(events: EventQuerySet, typed: str, user: Any) -> EventQuerySet:
    for word in typed.lower().split()[:MOST_WORDS]:
        events = events.filter(_where(word, user))
    return events


def _where(word: str, user: Any) -> Q:
    """Return where `word` may stand; nowhere, if nothing of ours is called so."""
    if REQUEST_ID.fullmatch(word):
        return Q(request_id=word)
    people = _first(User.objects.filter(_named(word)))
    contacts, links = _contacts(word, user)
    where = Q(pk__in=[])
    for lookup, values in {
        "client_key": _first(_clients(word, user)),
        "actor_key": [*people, *links],
        "action": actions_called(word),
    }.items():
        if values:
            where |= Q(**{f"{lookup}__in": values})
    assets, grants = _assets(word, user)
    # With the kind of subject beside the key, as the index has them.
    for kinds, keys in (
        (("accounts.user",), people),
        (("accounts.contact",), contacts),
        (ASSETS, assets),
        (("accounts.rolegrant",), grants),
    ):
        if keys:
            where |= Q(subject_type__in=kinds, subject_key__in=keys)
    return where


def actions_called(word: str) -> list[str]:
    """Return the actions that hold `word`, dotted or in their sentence."""
    return sorted(
        action
        for action, sentence in known_actions().items()
        if word in action or word in BLANK.sub("", sentence).lower()
    )


def _clients(word: str, user: Any) -> Any:
    """Return the clients of that name, and those merged into them."""
    seen = Client.objects.visible_to(user)
    found = seen.filter(name__icontains=word)
    return Client.objects.filter(Q(pk__in=found) | Q(merged_into__in=found))


def _contacts(word: str, user: Any) -> tuple[list[str], list[str]]:
    """Return the contacts of that name, and the links handed to them or for them.

    A link that was copied or printed names nobody: it is for whom the request is.
    """
    if not user.has_perm("accounts.view_contact"):
        return [], []
    contacts = Contact.objects.visible_to(user).filter(_named(word))
    theirs = Q(contact__isnull=True, request__contact__in=contacts)
    links = AccessLink.objects.filter(Q(contact__in=contacts) | theirs)
    return _first(contacts), _first(links.order_by("-made_at"))


def _assets(word: str, user: Any) -> tuple[list[str], list[str]]:
    """Return the accounts and centers of that name or id, and the grants on them."""
    called = Q(name__icontains=word) | Q(external_id=word)
    assets = Asset.objects.visible_to(user).filter(called)
    grants = RoleGrant.objects.visible_to(user).filter(asset__in=assets)
    return _first(assets), _first(grants.order_by("-since"))


def _named(word: str) -> Q:
    return Q(name__icontains=word) | Q(email__icontains=word)


def _first(rows: Any) -> list[str]:
    return [str(pk) for pk in rows.values_list("pk", flat=True)[:MOST_KEYS]]
