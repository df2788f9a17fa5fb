"""The panels of a Spark authorization's page, and what is next there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import rows, spark_rows
from accounts.admin import post_page
from accounts.admin.panels import PANEL, Panel, next_of
from accounts.admin.spark_asking import MAY
from accounts.flows import spark_accounts, spark_members, spark_moving, spark_qr
from accounts.ladder import Pill
from accounts.models import (
    Client,
    Connection,
    Event,
    RoleGrant,
    SparkAdAccount,
    SparkAuthorization,
)
from accounts.models.base import is_today
from accounts.qr import qr_code

State = SparkAuthorization.State
LinkState = SparkAdAccount.State

LINK_PILLS: dict[str, tuple[str, str, str]] = {
    LinkState.WANTED: ("work", "requesting", "To be linked"),
    LinkState.LINKED: ("ok", "active", "Linked"),
    LinkState.ENDING: ("work", "revoking", "Unlinking"),
    LinkState.ENDED: ("off", "revoked", "Unlinked"),
}
NOT_THERE = {"tone": "off", "icon": "draft", "word": "Not on it yet"}
MOST_OF_CLIENT = 5
NOTHING_OUT = "Hand out the link, or show the center's code. No one can answer before."
WAITS = "There is something to answer with. It ends by itself, or goes on by itself."


def url_of(name: str, authorization: SparkAuthorization) -> str:
    return reverse(f"admin:accounts_spark_{name}", args=[authorization.pk])


def may_change(request: HttpRequest, authorization: SparkAuthorization) -> bool:
    """True for who works on it while it can still be worked on."""
    return not authorization.is_over and bool(request.user.has_perm(MAY))


def _ladder(request: HttpRequest, authorization: SparkAuthorization) -> dict[str, Any]:
    return {"ladder": spark_rows.steps_of(authorization)}


def _granted(request: HttpRequest, authorization: SparkAuthorization) -> dict[str, Any]:
    """Return each word and how it stands, and which reads prove it."""
    return {
        "words": spark_rows.word_list(authorization),
        "key": authorization.connection,
        "key_at": authorization.key_read_at,
        "center": authorization.center,
        "center_at": authorization.center_read_at,
        "listed": _listed(authorization),
        "gone_at": authorization.center_gone_at,
        "note": "Only what a read shows is granted",
    }


def _listed(authorization: SparkAuthorization) -> str:
    """Return "in" or "out" of the center's list as read last; "" where none is sure."""
    if authorization.missed_at or "center" not in authorization.shown:
        return ""
    return "in" if authorization.is_in_center else "out"


def _qr(
    request: HttpRequest, authorization: SparkAuthorization
) -> dict[str, Any] | None:
    """Return the center's own code, for those who show it to creators."""
    if not request.user.has_perm(MAY) or not spark_qr.can_have_one(authorization):
        return None
    url = authorization.qr_url
    return {
        "title": f"The code of {authorization.center}",
        "url": "",
        "qr_url": url,
        "qr_svg": qr_code(url) if url else "",
        "made_at": authorization.qr_made_at,
        "creator": authorization.creator.shown,
        "make_url": url_of("qr", authorization),
    }


def _people(request: HttpRequest, authorization: SparkAuthorization) -> dict[str, Any]:
    """Return whom it serves, each with what a read shows of them on the account."""
    account, center = authorization.account, authorization.center
    on_it = spark_members.of_account(account, center) if account and center else ()
    grants = {grant.grantee_id: grant for grant in on_it}
    seen = _seen(request, grants.values())
    served = authorization.served.select_related("member").order_by("label")
    may = may_change(request, authorization) and authorization.center_id is not None
    return {
        "people": [
            {
                "name": str(person.member or person),
                **_on_it(grants.get(person.pk), seen),
            }
            for person in served
        ],
        "act": {"label": "Change", "url": url_of("members", authorization)}
        if may
        else None,
    }


def _on_it(grant: RoleGrant | None, seen: set[Any]) -> dict[str, Any]:
    if grant is None:
        return {"pill": NOT_THERE}
    row = rows.holder_row(grant)
    url = row["url"] if grant.pk in seen else ""
    return {**row, "url": url, "problem": grant.problem, "name": row["name"]}


def _seen(request: HttpRequest, grants: Any) -> set[Any]:
    """Return which of these have a page this colleague may open."""
    keys = [grant.pk for grant in grants]
    visible = RoleGrant.objects.visible_to(request.user).filter(pk__in=keys)
    return set(visible.values_list("pk", flat=True)) if keys else set()


def _ad_accounts(
    request: HttpRequest, authorization: SparkAuthorization
) -> dict[str, Any]:
    links = authorization.ad_accounts.select_related("ad_account")
    may = may_change(request, authorization) and authorization.center_id is not None
    return {
        "links": [
            {
                "name": str(link.ad_account),
                "external_id": rows.id_beside_name(link.ad_account),
                "pill": _link_pill(link),
                "problem": link.problem,
                "at": link.verified_at,
            }
            for link in links.order_by("ad_account__name")
        ],
        "act": {"label": "Change", "url": url_of("ad_accounts", authorization)}
        if may
        else None,
    }


def _link_pill(link: SparkAdAccount) -> Pill:
    tone, icon, word = LINK_PILLS[link.state]
    if link.state == LinkState.LINKED and link.problem:
        tone, icon, word = "bad", "drifted", "Cannot use it"
    elif link.state == LinkState.LINKED and not is_today(link.verified_at):
        tone, icon, word = "wait", "stale", "Not checked today"
    elif link.problem and link.state in (LinkState.WANTED, LinkState.ENDING):
        tone = "wait"
    return {"tone": tone, "icon": icon, "word": word}


def _facts(request: HttpRequest, authorization: SparkAuthorization) -> dict[str, Any]:
    account = authorization.account
    facts: list[tuple[str, Any]] = [
        ("Client", rows.client_link(authorization.client)),
        ("Campaign", authorization.campaign),
        ("Ends", rows.moment_cell(authorization.campaign_ends_on)),
        (
            "Account",
            f"{account}, {account.external_id}"
            if account
            else _no_account(authorization),
        ),
        ("Whose", "The client's own" if authorization.is_own else "A creator's"),
        ("Business Center", str(authorization.center or "None: the key alone")),
        ("Key", _key(request, authorization.connection)),
        ("Asked by", f"{authorization.asked_by}"),
    ]
    if authorization.state == State.WAITING:
        facts.append(("Answers by", rows.moment_cell(authorization.closes_at.date())))
    if authorization.next_check_at:
        facts.append(("Reads again", rows.moment_cell(authorization.next_check_at)))
    return {"facts": facts}


def _no_account(authorization: SparkAuthorization) -> str:
    """Say what is known without one: accounts come from a center's list alone."""
    if authorization.connection is None:
        return "Never known" if authorization.is_over else "Not known yet"
    center = authorization.center
    return (
        f"Not in {center}: the key alone" if center else "In no center: the key alone"
    )


def _key(request: HttpRequest, key: Connection | None) -> SafeString | str:
    """Name the key and how it stands, and lead those there who may open it."""
    if key is None:
        return "None came"
    state = key.get_state_display().lower()
    seen = Connection.objects.visible_to(request.user).filter(pk=key.pk)
    if not request.user.has_perm("accounts.view_connection") or not seen.exists():
        return f"{key}, {state}"
    url = reverse("admin:accounts_connection_change", args=[key.pk])
    return format_html('<a href="{}">{}</a>, {}', url, key, state)


def _story(
    request: HttpRequest, authorization: SparkAuthorization
) -> dict[str, Any] | None:
    events = Event.objects.about(authorization).visible_to(request.user)
    return rows.story_panel(request.user, events, about=authorization)


PANELS = (
    Panel("", PANEL("ladder_big"), _ladder, 10, "top"),
    Panel("What is granted", PANEL("spark_words"), _granted, 12),
    Panel("Our people on it", PANEL("spark_people"), _people, 20),
    Panel("Ad accounts", PANEL("spark_links"), _ad_accounts, 25),
    Panel("Posts", PANEL("spark_posts"), post_page.of_authorization, 30),
    Panel("The center's code", PANEL("spark_qr"), _qr, 15, "side"),
    Panel("What is asked", PANEL("role"), _facts, 40, "side"),
    Panel("Story", PANEL("story"), _story, 90, "side"),
)


def of_client(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Return the client's live authorizations for its own page."""
    if not request.user.has_perm("accounts.view_sparkauthorization"):
        return None
    live = client.spark_authorizations.exclude(state__in=SparkAuthorization.ENDED)
    some = list(
        live.select_related("client", "creator", "connection")[: MOST_OF_CLIENT + 1]
    )
    for one in some:
        one.client = client  # with who acts for us there, read once
    if not some:
        return None
    desk = reverse("admin:accounts_sparkauthorization_changelist")
    return {
        "authorizations": [spark_rows.row(one) for one in some[:MOST_OF_CLIENT]],
        "note": "All of them" if len(some) > MOST_OF_CLIENT else "",
        "url": f"{desk}?client={client.pk}" if len(some) > MOST_OF_CLIENT else "",
    }


def client_act(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    if not request.user.has_perm("accounts.add_sparkauthorization"):
        return None
    url = reverse("admin:accounts_spark_ask", args=[client.pk])
    return {"label": "Ask a creator", "icon": "spark", "url": url}


def grant_act(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Lead from a role on a creator's account to the authorization it follows."""
    if grant.family != RoleGrant.Family.CREATOR:
        return None
    seen = SparkAuthorization.objects.visible_to(request.user)
    asked = seen.filter(account=grant.asset_id).order_by("-asked_at").first()
    if asked is None:
        return None
    url = spark_rows.page_of(asked)
    return {"label": "See what it follows", "icon": "spark", "url": url}


def acts(
    request: HttpRequest, authorization: SparkAuthorization
) -> list[dict[str, Any]]:
    """Return the buttons of the page's head."""
    if not may_change(request, authorization):
        return []
    is_waiting = authorization.state == State.WAITING
    end = ("close", "Ask no longer") if is_waiting else ("withdraw", "Take back")
    return [
        {
            "label": "Read back now",
            "icon": "job",
            "url": url_of("read", authorization),
            "is_post": True,
            "is_main": not is_waiting and not authorization.is_fresh,
        },
        {"label": "Change it", "url": url_of("edit", authorization)},
        {
            "label": end[1],
            "icon": "revoking",
            "tone": "bad",
            "url": url_of(end[0], authorization),
        },
    ]


def banner(
    request: HttpRequest, authorization: SparkAuthorization
) -> dict[str, Any] | None:
    """Say what is in the way, who sees to it, and with which button."""
    who, pill = spark_rows.who_acts(authorization), spark_rows.pill_of(authorization)
    if authorization.state in SparkAuthorization.ENDED or not who:
        return None
    told = next_of("spark", request, authorization)
    if told is not None:
        return told
    act = None
    if _has_to_choose(authorization) and may_change(request, authorization):
        act = {"label": "Choose", "url": url_of("account", authorization)}
    return {
        "tone": "bad" if pill["tone"] == "bad" else "wait",
        "icon": "person",
        "title": f"Next: {who}.",
        "sentence": authorization.problem or _usual(authorization),
        "act": act,
    }


def _has_to_choose(authorization: SparkAuthorization) -> bool:
    """True while there are accounts nobody has, and none is known as the creator's."""
    is_open = authorization.account_id is None and authorization.center_id is not None
    return is_open and spark_accounts.unclaimed(authorization).exists()


def _usual(authorization: SparkAuthorization) -> str:
    if authorization.state == State.WAITING:
        return WAITS if spark_moving.is_handed_out(authorization) else NOTHING_OUT
    return "It goes on by itself. Nothing is to be done."
