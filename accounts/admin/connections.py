"""The keys' desk: what each does at its end, who acts, its last problem.

Never the key itself.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import fixes, keys, rows, spark_rows
from accounts.admin import disconnecting, refreshing
from accounts.admin.base import SeenDesk
from accounts.admin.filters import AtItsEnd, Whose
from accounts.admin.panels import PANEL, Panel
from accounts.models import Connection, Consent, Event, SparkAuthorization
from accounts.platforms.registry import platform

TWO_LINES = "{}<small>{}</small>"
SENTENCE = (
    "What each key really does at its end. A key is never shown, not even in part."
)
EMPTY = "No keys yet. One comes when a client or a creator answers a link."


def _last_use(key: Connection) -> str:
    """A key that was given back ended with the use that saw it refused."""
    is_given_back = key.state == Connection.State.REVOKED
    return "Seen refused" if is_given_back else "Last used"


def _facts(request: HttpRequest, key: Connection) -> dict[str, Any]:
    end, note = keys.at_its_end(key)
    renewed = [("Renewed", rows.moment_cell(key.refreshed_at))]
    return {
        "facts": [
            ("State", key.get_state_display()),
            ("Login", key.external_user_id),
            ("Permissions", ", ".join(map(str, key.scopes)) or "None told"),
            ("Given", rows.moment_cell(key.key_given_at)),
            (_last_use(key), rows.moment_cell(key.last_used_at)),
            *(renewed if keys.renews_itself(key) else []),
            *([("Sent twice", _resends(key))] if key.resends else []),
            ("At its end", f"{end}. {note}." if note else end),
            *([("Last problem", _problem(key))] if key.last_problem else []),
        ]
    }


def _resends(key: Connection) -> str:
    times = "1 renewal" if key.resends == 1 else f"{key.resends} renewals"
    return f"{times}: nobody knew what came of the first try"


def _consents(request: HttpRequest, key: Connection) -> dict[str, Any]:
    """Say whom it serves, and whom it has served: the desk knows the standing only."""
    every = Consent.objects.filter(connection=key)
    visible = every.visible_to(request.user).select_related("client", "creator")
    used = SparkAuthorization.objects.filter(connection=key)
    posts = used.visible_to(request.user).select_related("client", "creator")
    return {
        "facts": [
            *(
                (
                    str(consent.client or consent.creator or "Our own side"),
                    _word(consent),
                )
                for consent in visible.select_related("creator")
            ),
            *((str(one.client), _spark(one)) for one in posts),
        ]
    }


def _spark(asked: SparkAuthorization) -> SafeString:
    """Lead to what a creator's key serves, told as its own page tells it."""
    url, word = spark_rows.page_of(asked), spark_rows.pill_of(asked)["word"]
    return format_html('<a href="{}">Spark: {}</a>', url, word)


def _word(consent: Consent) -> str:
    if consent.end_asked_at and consent.state != Consent.State.WITHDRAWN:
        asked = rows.moment_cell(consent.end_asked_at)
        return f"Ends when nothing needs it. Asked {asked}"
    return f"{consent.get_state_display()}. {consent.held_because}"


def _card(request: HttpRequest, key: Connection) -> dict[str, Any] | None:
    card = fixes.of_key(key)
    if card is None:
        return None
    creator, words = fixes.creator_of(key), fixes.words_of_key(key, request.user)
    return fixes.draw(
        card,
        words,
        request,
        who=words["creator"],
        creator=creator,
        since=key.problem_at,
    )


def _story(request: HttpRequest, key: Connection) -> dict[str, Any] | None:
    """Leave out the renewals nobody asked for: a day's would hide all else."""
    events = Event.objects.about(key).visible_to(request.user)
    told = events.exclude(action="connection.refreshed", actor_kind="task")
    return rows.story_panel(request.user, told, about=key)


@admin.register(Connection)
class ConnectionAdmin(SeenDesk):
    noun = "connection"
    panels = (
        Panel("What to do", PANEL("card"), _card, 5),
        Panel("Key", PANEL("role"), _facts, 10),
        Panel("What it is for", PANEL("role"), _consents, 20),
        Panel("Story", PANEL("story"), _story, 90, "side"),
    )
    list_display = ("owner", "end", "pill", "acts_next", "troubled")
    list_filter = (AtItsEnd, Whose)
    search_fields = ("label", "external_user_id")
    search_help_text = "Whose key, or the login's number"
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        seen: QuerySet[Connection] = super().get_queryset(request)
        standing = Consent.objects.standing()
        held = standing.filter(connection=OuterRef("pk"), state=Consent.State.HELD)
        used = SparkAuthorization.objects.visible_to(request.user)
        return seen.annotate(is_held=Exists(held)).prefetch_related(
            Prefetch(
                "consents",
                standing.visible_to(request.user).select_related("client", "creator"),
            ),
            Prefetch("authorizations", used.select_related("client")),
        )

    @admin.display(description="key", ordering="label")
    def owner(self, key: Connection) -> SafeString:
        """Name the clients this colleague sees: one login may serve others too."""
        label = platform(key.platform).label
        kind = f"{label} creator" if key.kind == Connection.Kind.CREATOR else label
        return format_html(
            "{}<small>{}</small><small>{}</small>", key, kind, _serves(key)
        )

    @admin.display(description="at its end", ordering="expires_at")
    def end(self, key: Connection) -> SafeString:
        return format_html(TWO_LINES, *keys.at_its_end(key))

    @admin.display(description="state", ordering="state")
    def pill(self, key: Any) -> SafeString:
        return rows.pill_of_state(keys.pill_of(key, is_held=key.is_held))

    @admin.display(description="who acts")
    def acts_next(self, key: Any) -> SafeString | str:
        who, does = keys.who_acts(key, is_held=key.is_held)
        return format_html(TWO_LINES, who, does) if who else "Nobody"

    @admin.display(description="last problem", ordering="problem_at")
    def troubled(self, key: Connection) -> SafeString | str:
        return _problem(key) if key.last_problem else "None"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        sentences = {"desk_sentence": SENTENCE, "empty_sentence": EMPTY}
        return super().changelist_view(request, {**sentences, **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=name)

        end, keep = disconnecting.disconnect, disconnecting.keep
        return [
            door("<uuid:pk>/renew/", refreshing.refresh_now, "accounts_refresh"),
            door("consents/<int:pk>/disconnect/", end, "accounts_disconnect"),
            door("consents/<int:pk>/keep/", keep, "accounts_keep_connected"),
            *super().get_urls(),
        ]

    def acts(self, request: HttpRequest, obj: Connection) -> list[dict[str, Any]]:
        renew = refreshing.act(request, obj)
        return [*([renew] if renew else []), *disconnecting.acts(request, obj)]

    def subtitle(self, request: HttpRequest, obj: Connection) -> str:
        spec = platform(obj.platform)
        return f"{spec.label}: {spec.key_nature[obj.kind]}."

    def banner(self, request: HttpRequest, obj: Connection) -> dict[str, Any] | None:
        if not obj.problem:
            return None
        return {"tone": "bad", "icon": "failed", "title": obj.problem}


def _serves(key: Connection) -> str:
    names = [
        str(consent.client or "Our own side")
        for consent in key.consents.all()
        if consent.creator is None
    ]
    posts = sorted({str(one.client) for one in key.authorizations.all()})
    spark = [f"Spark for {', '.join(posts)}"] if posts else []
    return ", ".join([*names, *spark]) or "Nobody"


def _problem(key: Connection) -> SafeString:
    return format_html(TWO_LINES, rows.moment_cell(key.problem_at), key.last_problem)
