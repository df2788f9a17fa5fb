"""A card as a page shows it: what happened, who acts, the steps, the letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

from accounts.fixes.catalogue import Card
from accounts.models import Client, Contact, Creator


def draw(
    card: Card,
    words: Mapping[str, Any],
    request: HttpRequest,
    *,
    who: str,
    client: Client | None = None,
    creator: Creator | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return the context of a panel (`accounts/panels/card.html`) for one card.

    `words` are what its templates speak of. A letter is addressed to the creator where
    one is named, else to the client's contact, for those who may see contacts. `more`
    goes to the template as it is: since, due_on, act.
    """
    context = {**words, **more, "card": card, "who": who}
    if card.has_letter and not words.get("is_persons"):
        context |= _letter(card, context, request, client, creator)
    return {
        "title": card.title,
        "tone": card.tone,
        "html": render_to_string(card.template, context, request),
    }


def _letter(
    card: Card,
    words: Mapping[str, Any],
    request: HttpRequest,
    client: Client | None,
    creator: Creator | None,
) -> dict[str, Any]:
    """Return the letter ready to send, and to whom, or who lacks a contact."""
    may_see = client is not None and request.user.has_perm("accounts.view_contact")
    contact = creator or (_reader(client) if may_see else None)
    text = write(card, words, to=contact, signed=request.user)
    subject = f"{words['platform']}: {words['client']}"
    return {
        "letter": text,
        "letter_id": f"letter-{card.key}",
        "contact": contact,
        "lacks_contact": contact is None and may_see,
        "mailto": _mailto(contact, subject, text),
    }


def write(
    card: Card, words: Mapping[str, Any], *, to: Contact | Creator | None, signed: Any
) -> str:
    """Return the card's letter, in the reader's own language."""
    language = to.language if to else ""
    with translation.override(language or translation.get_language()):
        greeted = {
            **words,
            "contact": to,
            "signed": signed,
            "agency_name": settings.AGENCY_NAME,
        }
        return render_to_string(card.letter, greeted).strip()


def _reader(client: Any) -> Contact | None:
    """Return who decides at the client, or the next whom letters reach."""
    contacts = client.contacts.all()  # who decides stands first
    reached = (one for one in contacts if one.is_active and not one.email_problem)
    return next(reached, None)


def _mailto(contact: Contact | Creator | None, subject: str, body: str) -> str:
    if contact is None or not contact.email:
        return ""
    fields = urlencode({"subject": subject, "body": body}, quote_via=quote)
    return f"mailto:{quote(contact.email, safe='@')}?{fields}"
