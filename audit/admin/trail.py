"""The trail's desk: read-only, newest first, one sentence a row, no full counts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts import rows
from accounts.admin.base import SeenDesk, titled
from accounts.models import Event
from accounts.trail import describe

# Beyond this nobody pages; they search.
MOST_COUNTED = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than anybody will page."""

    @cached_property
    def count(self) -> int:
        events: Any = self.object_list
        return int(events.order_by()[:MOST_COUNTED].count())


@admin.register(Event)
class EventAdmin(SeenDesk):
    list_display = ("sentence", "action", "happened")
    list_filter = (("actor_kind", titled("who")),)
    search_fields = ("action",)
    search_help_text = "What happened, like grant.active"
    paginator = BoundedPaginator
    fields = ("happened", "action", "actor_kind", "request_id", "payload_hash")
    readonly_fields = fields
    ordering = ("-id",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page = super().get_changelist_instance(request)
        described = describe(page.result_list)
        page.result_list = [_with_sentence(event, said) for event, said in described]
        return page

    @admin.display(description="what happened")
    def sentence(self, event: Any) -> str:
        return event.said if hasattr(event, "said") else describe([event])[0][1]

    @admin.display(description="when", ordering="id")
    def happened(self, event: Event) -> Any:
        return rows.moment_cell(event.occurred_at)

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup in {"client_key", "subject_key"} or super().lookup_allowed(
            lookup, value, request
        )


def _with_sentence(event: Any, said: str) -> Any:
    event.said = said
    return event
