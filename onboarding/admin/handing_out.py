"""Hand out links: copied, on paper, by letter; and end them again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.admin.pages import colleague, draw
from accounts.letters import LetterRefused
from accounts.qr import qr_code
from accounts.trail import Actor
from onboarding import rows
from onboarding.admin.forms import MailForm
from onboarding.admin.pages import crumbs_to, mine, page_of
from onboarding.flows import links
from onboarding.flows.minting import MOST_LETTERS, TooManyLetters
from onboarding.models import AccessLink, AccessRequest
from onboarding.words import describe_request


def hand_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the ways out on GET; mint a link and show it once on POST."""
    asked = mine(request, pk)
    if not asked.is_open:
        messages.error(request, _why_no_link(asked))
        return redirect(page_of(asked))
    if request.method != "POST":
        return show_ways_out(request, asked, "")
    way = AccessLink.HandOut.COPY
    if request.POST.get("way") == AccessLink.HandOut.PAPER:
        way = AccessLink.HandOut.PAPER
    try:
        made = links.hand_out(
            asked, way, by=Actor.staff(request.user), user=colleague(request)
        )
    except links.NotCleared:
        messages.error(request, _why_no_link(asked))
        return redirect(page_of(asked))
    return show_ways_out(request, asked, made.url)


def show_ways_out(request: HttpRequest, asked: AccessRequest, url: str) -> HttpResponse:
    item = asked.items.select_related("receiver").get()
    handed_out = rows.link_rows(asked)
    revoke_all = reverse("admin:onboarding_revoke_all", args=[asked.pk])
    may_revoke = any(row["revoke_url"] for row in handed_out)
    return draw(
        request,
        "onboarding/handout.html",
        {
            "title": "Hand out the link",
            "crumbs": crumbs_to(asked.client, asked),
            "ask": describe_request(asked, item),
            "url": url,
            "qr_svg": qr_code(url) if url else "",
            "make_url": reverse("admin:onboarding_hand_out", args=[asked.pk]),
            "mail_form": MailForm(
                client=asked.client, initial={"contact": asked.contact_id}
            ),
            "mail_url": reverse("admin:onboarding_mail", args=[asked.pk]),
            "links": handed_out,
            "reminders": rows.reminder_rows(asked),
            "revoke_all_url": revoke_all if may_revoke else "",
            "desk_acts": [{"label": "Back to the request", "url": page_of(asked)}],
        },
    )


def mail(request: HttpRequest, pk: UUID) -> HttpResponse:
    asked = mine(request, pk)
    form = MailForm(request.POST or None, client=asked.client)
    if request.method == "POST" and form.is_valid():
        contact = form.cleaned_data["contact"]
        try:
            links.mail(
                asked,
                contact,
                by=Actor.staff(request.user),
                user=colleague(request),
            )
        except links.NotCleared:
            messages.error(request, _why_no_link(asked))
        except LetterRefused as refused:
            messages.error(request, str(refused))
        except TooManyLetters:
            messages.error(
                request,
                f"{contact} had {MOST_LETTERS} letters within the hour. Wait,"
                " or copy the link.",
            )
        else:
            messages.info(request, f"A letter with a fresh link went to {contact}.")
    elif request.method == "POST":
        messages.error(request, _why_no_letter(asked))
    return redirect(page_of(asked))


def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    link = get_object_or_404(
        AccessLink.objects.visible_to(request.user).select_related("request__client"),
        pk=pk,
    )
    mine(request, link.request_id)
    if request.method == "POST":
        links.revoke(link, by=Actor.staff(request.user))
        messages.info(request, "That link leads nowhere now. Access given stays.")
    return redirect(page_of(link.request))


def revoke_all(request: HttpRequest, pk: UUID) -> HttpResponse:
    asked = mine(request, pk)
    if request.method == "POST":
        links.revoke_all(asked, by=Actor.staff(request.user))
        messages.info(request, "No link of this request works any more.")
    return redirect(page_of(asked))


def _why_no_link(asked: AccessRequest) -> str:
    if not asked.is_open:
        return "This request is over. Ask again from the client's page."
    return "An access owner has not decided yet. No link before that."


def _why_no_letter(asked: AccessRequest) -> str:
    if asked.client.contacts.filter(is_active=True).exists():
        return "No letter was sent. Choose a contact who is still there."
    return (
        f"{asked.client} has no contact who is still there. Enter one on the client's"
        " page, then send the letter."
    )
