"""Hand out links to creators: copied, on a card, by letter; and end them again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from accounts.admin.pages import colleague, crumbs_to, draw
from accounts.flows import spark_moving
from accounts.letters import LetterRefused
from accounts.models import SparkAuthorization
from accounts.qr import qr_code
from accounts.spark_rows import page_of, who_acts
from accounts.trail import Actor
from onboarding import rows
from onboarding.flows import spark
from onboarding.flows.minting import MOST_LETTERS, TooManyLetters
from onboarding.models import SparkLink
from onboarding.public.spark_state import center_of
from onboarding.spark_words import describe

IS_OVER = "Nobody can say yes to this any more. Ask anew, or move the day it closes."
HAD_ENOUGH = "{creator} had {most} letters within the hour. Wait, or hand out a card."
NOT_OUT = "Until then {creator} has nothing to answer with."
OR_SHOW = "Or show the center's code. "
NO_ADDRESS = "{creator} has no e-mail address here. Enter one, or hand out a card."


def hand_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the ways out on GET; mint a link and show it once on POST."""
    asked = _mine(request, pk)
    if request.method != "POST":
        return _show(request, asked)
    ways = SparkLink.HandOut
    way = ways.PAPER if request.POST.get("way") == ways.PAPER else ways.COPY
    try:
        made = spark.hand_out(
            asked, way, by=Actor.staff(request.user), user=colleague(request)
        )
    except spark.NotAsked:
        messages.error(request, IS_OVER)
        return redirect(page_of(asked))
    return _show(request, asked, made.url)


def mail(request: HttpRequest, pk: UUID) -> HttpResponse:
    asked = _mine(request, pk)
    if request.method == "POST":
        named: dict[str, Any] = {"creator": asked.creator, "most": MOST_LETTERS}
        try:
            spark.mail(asked, by=Actor.staff(request.user), user=colleague(request))
        except spark.NotAsked:
            messages.error(request, IS_OVER)
        except spark.NoAddress:
            messages.error(request, NO_ADDRESS.format(**named))
        except TooManyLetters:
            messages.error(request, HAD_ENOUGH.format(**named))
        except LetterRefused as refused:
            messages.error(request, str(refused))
        else:
            said = f"A letter with a fresh link went to {asked.creator}."
            messages.info(request, said)
    return redirect(page_of(asked))


def revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    visible = SparkLink.objects.visible_to(request.user)
    link = get_object_or_404(visible.select_related("authorization"), pk=pk)
    asked = _mine(request, link.authorization_id)
    if request.method == "POST":
        spark.revoke(link, by=Actor.staff(request.user))
        messages.info(request, "That link leads nowhere now. What was allowed stays.")
    return redirect(page_of(asked))


def revoke_all(request: HttpRequest, pk: UUID) -> HttpResponse:
    asked = _mine(request, pk)
    if request.method == "POST":
        spark.revoke_all(asked, by=Actor.staff(request.user))
        messages.info(request, f"No link for {asked.creator} works any more.")
    return redirect(page_of(asked))


def doors(site: Any) -> list[Any]:
    """Return the addresses, below those of the authorization they belong to."""
    views = (
        ("<uuid:pk>/hand-out/", hand_out, "hand_out"),
        ("<uuid:pk>/mail/", mail, "mail"),
        ("<uuid:pk>/revoke/", revoke_all, "revoke_all"),
        ("link/<uuid:pk>/revoke/", revoke, "revoke"),
    )
    room, name_of = "accounts/sparkauthorization/", "onboarding_spark_{}".format
    return [
        path(room + route, site.admin_view(view), name=name_of(name))
        for route, view, name in views
    ]


def _mine(request: HttpRequest, pk: Any) -> SparkAuthorization:
    """Return what this colleague may hand out links for; 404 or 403 otherwise."""
    visible = SparkAuthorization.objects.visible_to(request.user)
    asked: SparkAuthorization = get_object_or_404(
        visible.select_related(*spark.ALONG), pk=pk
    )
    if not request.user.has_perm("onboarding.change_sparklink"):
        raise PermissionDenied
    return asked


def _show(
    request: HttpRequest, asked: SparkAuthorization, url: str = ""
) -> HttpResponse:
    is_asked = spark.is_asked(asked)
    center = center_of(asked)
    links = rows.spark_link_rows(asked, may=True)
    may_revoke = any(link["revoke_url"] for link in links)
    return draw(
        request,
        "onboarding/spark_handout.html",
        {
            "title": f"Hand out to {asked.creator.shown}",
            "subtitle": f"{asked.campaign}, for {asked.client}",
            "crumbs": crumbs_to("sparkauthorization", "Spark", asked, page_of(asked)),
            "ask": describe(asked),
            "email": asked.creator.email,
            "url": url,
            "qr_svg": qr_code(url) if url else "",
            "center": center and {**center, "qr_svg": qr_code(center["url"])},
            "make_url": _door("hand_out", asked) if is_asked else "",
            "mail_url": _door("mail", asked) if is_asked else "",
            "links": links,
            "revoke_all_url": _door("revoke_all", asked) if may_revoke else "",
            "desk_acts": [{"label": "Back", "url": page_of(asked)}],
        },
    )


def _door(name: str, asked: SparkAuthorization) -> str:
    return reverse(f"admin:onboarding_spark_{name}", args=[asked.pk])


def offer(request: HttpRequest, asked: SparkAuthorization) -> dict[str, Any] | None:
    """Offer the hand-out on the authorization's page, while somebody may answer."""
    may = request.user.has_perm("onboarding.change_sparklink")
    if not may or not spark.is_asked(asked):
        return None
    return {
        "label": "Hand out the link",
        "icon": "mail",
        "url": _door("hand_out", asked),
        "is_next": bool(asked.missing),
    }


def banner(request: HttpRequest, asked: SparkAuthorization) -> dict[str, Any] | None:
    """Say of a wait without trouble whose move it is, and what became of the link."""
    may = request.user.has_perm("onboarding.view_sparklink")
    is_waiting = asked.state == SparkAuthorization.State.WAITING
    if not may or not is_waiting or asked.problem:
        return None
    said = {"tone": "wait", "icon": "person"}
    if not spark_moving.is_handed_out(asked):
        title = f"Next: {who_acts(asked)}, hand out the link."
        sentence = NOT_OUT.format(creator=asked.creator.shown)
        or_show = OR_SHOW if asked.center_id else ""
        return {**said, "title": title, "sentence": or_show + sentence}
    link = spark.newest_link(asked)
    if link is None:
        return None
    title = f"Waits for {asked.creator.shown}."
    return {**said, "title": title, "sentence": rows.where_the_link_is(link)}


def links_panel(
    request: HttpRequest, asked: SparkAuthorization
) -> dict[str, Any] | None:
    if not request.user.has_perm("onboarding.view_sparklink"):
        return None
    may = request.user.has_perm("onboarding.change_sparklink")
    links = rows.spark_link_rows(asked, may=may)
    return {"links": links} if links or spark.is_asked(asked) else None
