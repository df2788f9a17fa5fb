"""Send a reminder now, leave one out, remind nobody any more, or begin again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.admin.pages import colleague, draw
from accounts.letters import LetterRefused
from accounts.rows import moment_cell
from onboarding.admin.pages import crumbs_to, mine, page_of
from onboarding.flows import links, planning
from onboarding.flows import reminding as flow
from onboarding.flows.minting import MOST_LETTERS, TooManyLetters
from onboarding.models import AccessRequest

MEANWHILE = "That reminder is sent, left out or stopped already. Here is the plan."
NO_DAY_LEFT = "No working day is left before the link ends. Send one by hand, or call."
NO_ADDRESS = "No address we have at {} takes letters. Call them."


def remind(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask on GET whether to write now; on POST write, or do what a button says.

    Of the plan: `send` or `skip` a number, `stop` all, plan all `again`.
    """
    asked = mine(request, pk)
    if request.method != "POST":
        return _may_write(request, asked)
    try:
        messages.info(request, _done(request, asked))
    except flow.NothingDue:
        messages.warning(request, NO_DAY_LEFT if "again" in request.POST else MEANWHILE)
    except links.NotCleared:
        messages.error(request, "An access owner decides first. No link till then.")
    except TooManyLetters:
        messages.error(
            request,
            f"They had {MOST_LETTERS} letters within the hour. Wait, or copy the link.",
        )
    except LetterRefused as refused:
        messages.error(request, str(refused))
    return redirect(page_of(asked))


def _may_write(request: HttpRequest, asked: AccessRequest) -> HttpResponse:
    """Say who gets which letter; lead back where no letter helps any more."""
    whom = planning.addressee(asked)
    if whom is None or planning.why_over(asked):
        no = planning.why_over(asked) or NO_ADDRESS.format(asked.client)
        messages.warning(request, no)
        return redirect(page_of(asked))
    last = planning.written(asked).last()
    following = planning.due(asked).filter(contact__isnull=False).first()
    plan = "It takes the place of the next letter." if following else "None left"
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Remind {whom}?",
            "sentence": "A letter with a fresh link leaves now. Links that are out keep"
            " working.",
            "crumbs": crumbs_to(asked.client, asked),
            "facts": [
                ("To", f"{whom}, {whom.email}"),
                ("Last reminder", moment_cell(last.ended_at) if last else "None yet"),
                ("Plan", plan),
                ("Link ends", moment_cell(asked.closes_at)),
            ],
            "button": "Send the reminder",
            "back_url": page_of(asked),
        },
    )


def _done(request: HttpRequest, asked: AccessRequest) -> str:
    user = colleague(request)
    if "stop" in request.POST:
        flow.stop(asked, user=user)
        return "Nobody is reminded of this request any more."
    if "skip" in request.POST:
        flow.skip(asked, _number(request.POST["skip"]), user=user)
        return "That reminder is left out. The others keep their days."
    if "again" in request.POST:
        flow.start_again(asked, user=user)
        return "The same days are planned anew, from today."
    if "send" in request.POST:
        contact = flow.send_now(asked, _number(request.POST["send"]), user=user)
    else:
        contact = flow.remind_now(asked, user=user)
    return f"A reminder with a fresh link went to {contact}."


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 4):
        raise flow.NothingDue
    return int(typed)
