"""The request's desk, and the doors to asking, deciding and handing out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import rows as book_rows
from accounts.admin.base import SeenDesk
from accounts.admin.filters import titled
from accounts.flows import approvals
from onboarding import rows, turns
from onboarding.admin import (
    advising,
    asking,
    asking_again,
    deciding,
    editing,
    handing_out,
    methods,
    reminding,
)
from onboarding.admin.filters import Turn
from onboarding.admin.panels import OF_REQUEST
from onboarding.flows import requests
from onboarding.models import AccessRequest


@admin.register(AccessRequest)
class AccessRequestAdmin(SeenDesk):
    noun = "request"
    panels = OF_REQUEST
    list_display = ("asked_of", "what", "stands", "asked_by", "ends")
    list_filter = (
        Turn,
        ("closed_because", titled("state")),
    )
    search_fields = ("client__name", "contact__name", "contact__email")
    fields = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessRequest]:
        return rows.for_rows(super().get_queryset(request))

    @admin.display(description="client", ordering="client__name")
    def asked_of(self, row: AccessRequest) -> SafeString:
        return format_html("{}<small>{}</small>", row.client, row.contact)

    @admin.display(description="asked for")
    def what(self, row: AccessRequest) -> str:
        return rows.title_of(row)

    @admin.display(description="state", ordering="closed_because")
    def stands(self, row: AccessRequest) -> SafeString:
        return rows.pill_cell(rows.request_pill(row))

    @admin.display(description="ends", ordering="closes_at")
    def ends(self, row: AccessRequest) -> Any:
        return book_rows.moment_cell(row.closes_at)

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            door("ask/<uuid:client_id>/", asking.ask, "onboarding_ask"),
            door("advice/<uuid:pk>/", advising.advise, "onboarding_advice"),
            door("<uuid:pk>/hand-out/", handing_out.hand_out, "onboarding_hand_out"),
            door("<uuid:pk>/mail/", handing_out.mail, "onboarding_mail"),
            door("<uuid:pk>/remind/", reminding.remind, "onboarding_remind"),
            door("<uuid:pk>/decide/", deciding.decide, "onboarding_decide"),
            door("<uuid:pk>/edit/", editing.edit, "onboarding_edit"),
            door("<uuid:pk>/sent/", methods.sent, "onboarding_sent"),
            door("<uuid:pk>/look/", methods.look, "onboarding_look"),
            door("<uuid:pk>/switch/", methods.switch, "onboarding_switch"),
            door("grant/<uuid:pk>/close/", asking_again.close, "onboarding_close"),
            door("<uuid:pk>/cancel/", deciding.cancel, "onboarding_cancel"),
            door("<uuid:pk>/revoke/", handing_out.revoke_all, "onboarding_revoke_all"),
            door("link/<uuid:pk>/revoke/", handing_out.revoke, "onboarding_revoke"),
            door("held/<int:pk>/release/", deciding.release, "onboarding_release"),
            *super().get_urls(),
        ]

    def subtitle(self, request: HttpRequest, obj: AccessRequest) -> str:
        return format_html(
            "{}. {}, to {}, asked by {}.",
            rows.request_pill(obj)["word"],
            book_rows.client_link(obj.client),
            obj.contact,
            obj.asked_by,
        )

    def acts(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        may = request.user.has_perm("onboarding.change_accessrequest")
        if not may or not obj.is_open:
            return []
        acts: list[dict[str, Any]] = [
            {
                "label": "Cancel the request",
                "tone": "bad",
                "url": reverse("admin:onboarding_cancel", args=[obj.pk]),
            },
            {
                "label": "Change it",
                "url": reverse("admin:onboarding_edit", args=[obj.pk]),
            },
            {
                "label": "Ask another way",
                "url": reverse("admin:onboarding_switch", args=[obj.pk]),
            },
        ]
        items = obj.items.all()
        if all(one.is_by_link and requests.is_cleared(one) for one in items):
            acts.append(
                {
                    "label": "Hand out a link",
                    "icon": "mail",
                    "url": reverse("admin:onboarding_hand_out", args=[obj.pk]),
                    "is_main": obj.turn != turns.ACCEPT,
                }
            )
        return acts

    def banner(self, request: HttpRequest, obj: Any) -> dict[str, Any] | None:
        if obj.turn == turns.TALK:
            return {
                "tone": "wait",
                "icon": "person",
                "title": f"Next: call {obj.contact}.",
                "sentence": rows.why_call(obj),
            }
        if obj.turn == turns.AGAIN:
            return self._again(request, obj)
        if not obj.is_open or all(map(requests.is_cleared, obj.items.all())):
            return None
        is_by_link = all(item.is_by_link for item in obj.items.all())
        before = "No link" if is_by_link else "Nothing is asked"
        return {
            "tone": "wait",
            "icon": "pending-admin",
            "title": "Next: an access owner decides about Admin.",
            "sentence": f"Somebody other than {obj.asked_by}. {before} before that.",
            "act": self._decision(request, obj),
        }

    def _again(self, request: HttpRequest, obj: AccessRequest) -> dict[str, Any]:
        may = request.user.has_perm("onboarding.change_accessrequest")
        url = reverse("admin:onboarding_switch", args=[obj.pk])
        return {
            "tone": "bad",
            "icon": "declined",
            "title": "Next: ask again, the same way or another.",
            "sentence": "What came to nothing is listed below. On its own page it may"
            " be closed.",
            "act": {"label": "Ask again", "url": url} if may else None,
        }

    def _decision(
        self, request: HttpRequest, obj: AccessRequest
    ) -> dict[str, str] | None:
        """Offer the decision to those who may make it."""
        waiting = [item.approval for item in obj.items.all() if item.approval]
        if all(approvals.why_not(approval, request.user) for approval in waiting):
            return None
        url = reverse("admin:onboarding_decide", args=[obj.pk])
        return {"label": "See and decide", "url": url}
