"""Send the next reminder now, leave it out, or remind nobody any more."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.admin.pages import colleague
from accounts.letters import LetterRefused
from onboarding.admin.places import mine, page_of
from onboarding.flows import links
from onboarding.flows import reminding as flow
from onboarding.models import AccessRequest

MEANWHILE = "That reminder is sent, left out or stopped already. Here is the plan."


def remind(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Do what one button of the plan says: `send` or `skip` a number, or `stop`."""
    asked = mine(request, pk)
    if request.method == "POST":
        try:
            messages.info(request, _done(request, asked))
        except flow.NothingDue:
            messages.warning(request, MEANWHILE)
        except links.NotCleared:
            messages.error(request, "An access owner decides first. No link till then.")
        except links.TooManyLetters:
            messages.error(
                request,
                f"They had {links.MOST_LETTERS} letters within the hour. Wait, or copy"
                " the link.",
            )
        except LetterRefused as refused:
            messages.error(request, str(refused))
    return redirect(page_of(asked))


def _done(request: HttpRequest, asked: AccessRequest) -> str:
    user = colleague(request)
    if "stop" in request.POST:
        flow.stop(asked, user=user)
        return "Nobody is reminded of this request any more."
    if "skip" in request.POST:
        flow.skip(asked, _number(request.POST["skip"]), user=user)
        return "That reminder is left out. The others keep their days."
    contact = flow.send_now(asked, _number(request.POST.get("send", "")), user=user)
    return f"A reminder with a fresh link went to {contact}."


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 4):
        raise flow.NothingDue
    return int(typed)
