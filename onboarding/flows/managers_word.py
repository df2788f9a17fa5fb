"""A word to the account manager: nobody answered, or an address is dead.

It goes to who acts for the client now. Their front page says the same: a letter that is
lost loses nothing.
"""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from accounts.letters import LetterRefused, send_letter
from accounts.models import Client, User
from onboarding.models import AccessRequest

CALL = "Call {}, then hand out a fresh link. The portal reminds nobody by itself now."
ASK_AGAIN = "Ask again from the client's page."
NOBODY_ACTS = (
    "Nobody who may sign in serves this client. An access owner names who does."
)
CORRECT = "It is on the client's page, under Edit, Contacts."


def send(request: AccessRequest, happened: str) -> str:
    """Say what happened and what to do; return why the letter did not leave."""
    instead = CALL.format(request.contact) if request.is_open else ASK_AGAIN
    return _mail(request, happened, instead)


def send_of_refusal(request: AccessRequest, problem: str, follows: str) -> str:
    """Say at once which address is dead, and what `follows` without anybody's doing."""
    return _mail(request, problem, f"{CORRECT} {follows}".strip())


def unanswered(request: AccessRequest, letters: int) -> str:
    if not letters:
        return f"{request.contact} has not pressed Start."
    reminders = "one reminder" if letters == 1 else f"{letters} reminders"
    return f"{request.contact} has not pressed Start after {reminders}."


def _mail(request: AccessRequest, happened: str, instead: str) -> str:
    """Write to who acts for the client now; return why that letter did not leave."""
    colleague = _manager_of(request)
    if colleague is None:
        return NOBODY_ACTS
    page = reverse("admin:onboarding_accessrequest_change", args=[request.pk])
    try:
        send_letter(
            "reminder_word",
            to=colleague.email,
            context={
                "colleague": colleague,
                "client_name": request.client.name,
                "happened": happened,
                "instead": instead,
                "url": urljoin(settings.SITE_URL, page),
                "closes_at": request.closes_at.astimezone(colleague.zone)
                if request.is_open
                else None,
            },
        )
    except LetterRefused as refused:
        return str(refused)
    return ""


def _manager_of(request: AccessRequest) -> User | None:
    """Return who acts for the client now, else whoever asked and still may see it."""
    sees = Client.objects.filter(pk=request.client_id).visible_to
    for one in (request.client.acts, request.asked_by):
        if one is not None and one.may_sign_in and sees(one).exists():
            return one
    return None
