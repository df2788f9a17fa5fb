"""The trail's desk: read-only, newest first, one sentence a row, no full counts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import rows
from accounts.admin.base import SeenDesk
from accounts.models import Client, Event
from accounts.trail.vocabulary import read_payloads, sentence_of
from audit.admin import event_page, narrowing, searching

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
    noun = "event"
    panels = event_page.PANELS
    list_display = ("sentence", "who", "client", "happened")
    list_filter = (
        narrowing.When,
        narrowing.OfClient,
        narrowing.About,
        narrowing.ByActor,
        narrowing.OfRequest,
        narrowing.ByKind,
    )
    search_fields = ("action",)
    search_help_text = "A client, colleague, contact or account, or what happened"
    paginator = BoundedPaginator
    fields = ()
    ordering = ("-id",)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        return searching.search(queryset, search_term, request.user), False

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Of some days, by time: by number, a database would look at all newer ones."""
        if any(map(request.GET.get, narrowing.When.parameters)):
            return ("-occurred_at", "-id")
        return ("-id",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read the page's payloads and clients at once; they go on the rows."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        payloads = read_payloads(page.result_list)
        clients = _clients_of(page.result_list, request.user)
        for event in page.result_list:
            event.said = sentence_of(event, payloads.get(event.pk))
            event.payload = payloads.get(event.pk, {})
            event.client = clients.get(event.client_key)
        return page

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        words = {
            "desk_sentence": "Newest first. Counted up to 10,000; a search or a span of"
            " days finds what is older.",
            "empty_sentence": "Nothing has happened yet. What is done stands here, for"
            " good.",
        }
        return super().changelist_view(request, {**words, **(extra_context or {})})

    @admin.display(description="what happened")
    def sentence(self, event: Any) -> SafeString:
        return format_html("{}<small>{}</small>", event.said, event.action)

    @admin.display(description="who")
    def who(self, event: Event) -> str:
        return str(event_page.payload_of(event).get("by", ""))

    @admin.display(description="client")
    def client(self, event: Any) -> str:
        return str(event.client or "")

    @admin.display(description="when", ordering="id")
    def happened(self, event: Event) -> Any:
        return rows.moment_cell(event.occurred_at)

    def heading(self, request: HttpRequest, obj: Event) -> str:
        return sentence_of(obj, event_page.payload_of(obj) or None)

    def subtitle(self, request: HttpRequest, obj: Event) -> str:
        return f"{obj.action}, event {obj.pk}"


def _clients_of(events: list[Event], user: Any) -> dict[str, Client]:
    keys = {event.client_key for event in events if event.client_key}
    seen = Client.objects.visible_to(user).filter(pk__in=keys)
    return {str(client.pk): client for client in seen}
