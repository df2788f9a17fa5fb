"""Change an open request; the page after it hands out the new link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.admin.assets import already_recorded
from accounts.admin.pages import colleague, draw
from onboarding.admin.forms import ChangeForm
from onboarding.admin.pages import crumbs_to, mine, page_of
from onboarding.admin.website import no_call
from onboarding.flows import booking, requests
from onboarding.flows import editing as flow
from onboarding.models import AccessRequest, RequestItem

OVER = "This request is over. Ask again from the client's page."


def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form as the request stands on GET; on POST what was changed."""
    asked = mine(request, pk)
    if not asked.is_open:
        messages.error(request, OVER)
        return redirect(page_of(asked))
    item = asked.items.select_related("receiver", "request__contact", "client").get()
    form = ChangeForm(request.POST or None, item=item)
    if request.method == "POST" and form.is_valid():
        try:
            is_news = flow.change(asked, form.wish(), user=colleague(request))
        except flow.RequestIsOver:
            messages.error(request, OVER)
            return redirect(page_of(asked))
        except requests.AlreadyOpen as known:
            form.add_error("receiver", str(known))
        except booking.AlreadyRecorded as known:
            form.add_error("accounts", already_recorded(known.asset, request.user))
        else:
            return _after_changing(request, asked, is_news)
    return draw(
        request,
        "onboarding/ask.html",
        {
            "title": "Change the request",
            "subtitle": f"To {asked.client}, asked by {asked.asked_by}.",
            "crumbs": crumbs_to(asked.client, asked),
            "client": asked.client,
            "form": form,
            "no_call": no_call(),
            "asked": asked,
            "notice": _notice(asked, item),
        },
        status=400 if form.errors else 200,
    )


def _after_changing(
    request: HttpRequest, asked: AccessRequest, is_news: bool
) -> HttpResponse:
    if not is_news:
        messages.info(request, "Nothing was changed, and every link stands.")
        return redirect(page_of(asked))
    if asked.links.usable().exists():
        messages.info(request, "The reminders are planned anew, and every link stands.")
        return redirect(page_of(asked))
    if not any(item.is_by_link for item in RequestItem.objects.filter(request=asked)):
        messages.info(request, "Saved. What is left to do stands on this page.")
        return redirect(page_of(asked))
    asked.refresh_from_db()  # what was fetched along is from before the change
    if all(map(requests.is_cleared, asked.items.all())):
        messages.info(request, "Saved. No earlier link works. Hand out the new one.")
        return redirect("admin:onboarding_hand_out", asked.pk)
    messages.info(request, "Saved. No earlier link works. An access owner decides now.")
    return redirect(page_of(asked))


def _notice(asked: AccessRequest, item: RequestItem) -> dict[str, Any]:
    """Say before anything is typed what a change ends."""
    out = asked.links.usable().count()
    links = {0: "No link is out.", 1: "The link that is out ends."}
    sentences = []
    if out or item.is_by_link:
        sentences.append(links.get(out, f"The {out} links that are out end."))
    if item.approval is not None:
        sentences.append(
            "The approval ends, too, unless only the line to the client, the last day"
            " or the key is changed."
        )
    sentences.append("What the client has shared stays.")
    if item.is_by_link:
        sentences.append("Other days of the reminders alone end nothing.")
    return {
        "tone": "wait",
        "title": "What is changed here is handed out anew."
        if item.is_by_link
        else "What is changed here is sent anew.",
        "sentence": " ".join(sentences),
    }
