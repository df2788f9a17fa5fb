"""The page of one post: its code, its campaign, what is next, and its story."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import post_rows, rows
from accounts.admin.panels import PANEL, Panel
from accounts.admin.post_acts import MAY
from accounts.flows import posts, posts_extending, posts_keys
from accounts.models import Event, PostAuthorization, SparkAuthorization
from accounts.zones import day_word

State = PostAuthorization.State

MOST_OF_ONE = 8
LIVES_ON = "At the creator's it lives on"


def url_of(name: str, post: PostAuthorization) -> str:
    return reverse(f"admin:accounts_post_{name}", args=[post.pk])


def end_cell(post: Any) -> SafeString:
    """Return when it ends, and how that lies to the campaign: red, or a small note."""
    day, note = _end(post)
    context = {"day": day, "note": note, "is_red": post.is_short}
    return SafeString(render_to_string("parts/code_end.html", context))


def _end(post: Any) -> tuple[str, str]:
    """Return the day it ends, or left, and what is to be said of that."""
    if post.state == State.WITHDRAWN:
        removed = day_word(timezone.localdate(post.since))
        return f"Removed {removed}", LIVES_ON if post_rows.lives_on(post) else ""
    day = day_word(post.ends_on) if post.ends_on else "Not read yet"
    return day, post_rows.beside_campaign(post)


def _end_in_words(post: Any) -> str:
    day, note = _end(post)
    if post.state == State.WITHDRAWN:
        return f"{day}. {note}".removesuffix(". ")
    return ", ".join(filter(None, [day, note[:1].lower() + note[1:]]))


def _line(post: Any) -> str:
    """Return its days and its end in one line, for a list of few posts."""
    days, end = post_rows.days_of(post), _end_in_words(post)
    if post.state == State.WITHDRAWN:
        return ". ".join(filter(None, [days, end]))
    if post.ends_on is None and post.state in PostAuthorization.ENDED:
        return days
    told = f"to {end}" if post.ends_on else "its end is not read yet"
    return f"{days}, {told}" if days else f"{told[:1].upper()}{told[1:]}"


def _facts(request: HttpRequest, post: PostAuthorization) -> dict[str, Any]:
    end, days = post_rows.end_of_code(post), post_rows.days_of(post)
    facts: list[tuple[str, Any]] = [
        ("Post", post.item_id or "Not read yet"),
        ("Code", f"{end}, {days}" if days else end),
        ("Came by", post.get_source_display()),
        ("Ad account", _account(post)),
        ("Starts", rows.moment_cell(post.starts_at) if post.starts_at else "Not told"),
        ("Ends", rows.moment_cell(post.ends_at) if post.ends_at else "Not told"),
        ("Read back", rows.moment_cell(post.verified_at)),
    ]
    if post.native_status:
        facts.append(("Told as", post.native_status))
    if post_rows.lives_on(post):
        facts.append(("What stays", post.problem))
    if post.next_check_at:
        facts.append(("Reads again", rows.moment_cell(post.next_check_at)))
    return {"facts": facts}


def _account(post: PostAuthorization) -> str:
    account = post.ad_account
    return f"{account}, {account.external_id}" if account else "None yet"


def _campaign(request: HttpRequest, post: Any) -> dict[str, Any]:
    authorization = post.authorization
    url = reverse("admin:accounts_sparkauthorization_change", args=[authorization.pk])
    return {
        "facts": [
            ("Campaign", authorization.campaign),
            ("Ends", rows.moment_cell(authorization.campaign_ends_on)),
            ("The code ends", end_cell(post) if post.is_short else _end_in_words(post)),
            ("Creator", format_html('<a href="{}">{}</a>', url, authorization.creator)),
            ("Client", rows.client_link(authorization.client)),
            ("Entered by", f"{post.made_by}"),
            ("Told of its end", _told(post)),
        ]
    }


def _told(post: PostAuthorization) -> str:
    told = {"us": post.reminded, "the creator": post.creator_reminded}
    said = [f"{whom}, {n} days before" for whom, n in told.items() if n is not None]
    return "; ".join(said).capitalize() or "Nobody yet"


def _story(request: HttpRequest, post: PostAuthorization) -> dict[str, Any] | None:
    events = Event.objects.about(post).visible_to(request.user)
    return rows.story_panel(request.user, events, about=post)


PANELS = (
    Panel("Code", PANEL("role"), _facts, 10),
    Panel("Campaign", PANEL("role"), _campaign, 20),
    Panel("Story", PANEL("story"), _story, 90, "side"),
)


def of_authorization(
    request: HttpRequest, authorization: SparkAuthorization
) -> dict[str, Any] | None:
    """Return its posts for its own page, and the ways to a new code."""
    found = post_rows.for_rows(authorization.posts.all()).order_by("-made_at")
    some: list[Any] = list(found[: MOST_OF_ONE + 1])
    desk = reverse("admin:accounts_postauthorization_changelist")
    return {
        "posts": [
            {
                "name": str(post),
                "url": post_rows.page_of(post),
                "line": _line(post),
                "is_red": post.is_short,
                "pill": post_rows.pill_of(post),
            }
            for post in some[:MOST_OF_ONE]
        ],
        "acts": _new_codes(request, authorization),
        "note": "All of them" if len(some) > MOST_OF_ONE else "",
        "url": f"{desk}?creator={authorization.creator_id}"
        if len(some) > MOST_OF_ONE
        else "",
    }


def _new_codes(
    request: HttpRequest, authorization: SparkAuthorization
) -> list[dict[str, Any]]:
    if not request.user.has_perm(MAY) or authorization.state in posts.GOING:
        return []
    ways = [("Enter a code", "enter")]
    if posts_keys.of_creator(authorization) is not None:
        ways.insert(0, ("Make a code", "make"))
    return [
        {
            "label": label,
            "url": reverse(f"admin:accounts_post_{way}", args=[authorization.pk]),
        }
        for label, way in ways
    ]


def acts(request: HttpRequest, post: PostAuthorization) -> list[dict[str, Any]]:
    """Return the buttons of the page's head."""
    if not request.user.has_perm(MAY) or post.state in PostAuthorization.ENDED:
        return []
    is_green = post_rows.pill_of(post)["tone"] == "ok"
    offered: list[dict[str, Any]] = [
        {
            "label": "Read back now",
            "icon": "job",
            "url": url_of("read", post),
            "is_post": True,
            "is_main": not is_green and post.state != State.UNUSED,
        }
    ]
    if post.state == State.UNUSED and post.ad_account_id is None:
        bind = {"label": "Use it in an ad account", "url": url_of("bind", post)}
        offered.insert(0, {**bind, "is_main": True})
    if not posts_extending.why_not(post):
        offered.append({"label": "More days", "url": url_of("extend", post)})
    if post.state in posts.TAKEABLE:
        url = url_of("withdraw", post)
        take = {"label": "Take out of use", "icon": "revoking", "tone": "bad"}
        offered.append({**take, "url": url})
    return offered


def banner(request: HttpRequest, post: Any) -> dict[str, Any] | None:
    """Say what is in the way, or that it ends too early, and who sees to it."""
    turn, is_red = post_rows.turn_of(post), post.is_short
    if not turn.who or not (post.problem or is_red):
        return None
    act = None
    if is_red and not posts_extending.why_not(post) and request.user.has_perm(MAY):
        act = {"label": "Give it more days", "url": url_of("extend", post)}
    told = [turn.sentence, post.problem] if is_red else [post.problem]
    return {
        "tone": "bad" if is_red else post_rows.pill_of(post)["tone"],
        "icon": "failed" if is_red else "person",
        "title": f"{_how_early(post)}." if is_red else f"Next: {turn.who}.",
        "sentence": " ".join(filter(None, told)),
        "act": act,
    }


def _how_early(post: Any) -> str:
    note = post_rows.beside_campaign(post)
    return f"The code ends {note[:1].lower()}{note[1:]}"
