"""The ledger of Spark codes: which post, until when, red where a campaign goes on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import post_rows, rows
from accounts.admin import post_acts, post_calendar, post_page
from accounts.admin.base import SeenDesk
from accounts.admin.filters import Choice, the_one
from accounts.models import Client, Creator, PostAuthorization, SparkAuthorization
from accounts.zones import day_word, house_day

State = PostAuthorization.State

RED = "Red: the code ends before the campaign does."
SENTENCE = f"A post may run as an ad until its code ends. {RED}"
EMPTY = "No codes yet. A creator sends one for each post, or signs in and we make it."
# As many names as a filter offers.
MOST_OFFERED = 12


class End(Choice):
    title = "end"
    parameter_name = "end"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("early", "Before the campaign"),
            ("soon", "Within 14 days"),
            ("ended", "Ended"),
        ]

    def pick(self, found: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "early":
            return post_rows.too_short(found)
        if value == "ended":
            return found.filter(state=State.ENDED)
        now = timezone.now()
        soon = found.filter(ends_at__range=(now, now + post_rows.SOON))
        return soon.exclude(state__in=PostAuthorization.ENDED)


class OfTheirs(Choice):
    """Names that have codes; one that another page led here with is among them."""

    def offered(self, request: HttpRequest) -> QuerySet[Any]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        theirs = self.offered(request)
        wanted = the_one(theirs, self.value())
        names = {str(one.pk): self.name_of(one) for one in theirs[:MOST_OFFERED]}
        names |= {str(one.pk): self.name_of(one) for one in wanted}
        return list(names.items())

    def name_of(self, one: Any) -> str:
        return str(one)


class OfClient(OfTheirs):
    title = "client"
    parameter_name = "client"

    def offered(self, request: HttpRequest) -> QuerySet[Any]:
        used = PostAuthorization.objects.values("authorization__client")
        return Client.objects.visible_to(request.user).filter(pk__in=used)

    def pick(self, found: QuerySet[Any], value: str) -> QuerySet[Any]:
        return found.filter(authorization__client=value)


class OfCreator(OfTheirs):
    title = "creator"
    parameter_name = "creator"

    def offered(self, request: HttpRequest) -> QuerySet[Any]:
        seen = SparkAuthorization.objects.visible_to(request.user)
        used = seen.filter(posts__isnull=False).values("creator")
        return Creator.objects.filter(pk__in=used)

    def name_of(self, one: Any) -> str:
        return str(one.shown)

    def pick(self, found: QuerySet[Any], value: str) -> QuerySet[Any]:
        return found.filter(authorization__creator=value)


@admin.register(PostAuthorization)
class PostAuthorizationAdmin(SeenDesk):
    noun = "post"
    panels = post_page.PANELS
    list_display = ("post", "campaign", "code", "ends", "pill", "acts_next")
    list_filter = (End, OfClient, OfCreator)
    search_fields = (
        *("title", "item_id", "code_end", "authorization__campaign"),
        *("authorization__creator__name", "authorization__creator__handle"),
        "authorization__client__name",
    )
    search_help_text = "Post, creator, campaign or client"
    fields = ()
    change_list_template = "admin/accounts/postauthorization/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PostAuthorization]:
        """Ordered by what a row is only told here."""
        visible = PostAuthorization.objects.visible_to(request.user)
        return post_rows.for_rows(visible).order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Trouble first, then what ends next; what is over comes last."""
        return ("place", "ends_at", "pk")

    @admin.display(description="post", ordering="title")
    def post(self, post: PostAuthorization) -> SafeString:
        return format_html(
            "{}<small>{}</small><small class=id>{}</small>",
            post.title or "Not read yet",
            post.authorization.creator.shown,
            post.item_id,
        )

    @admin.display(description="campaign", ordering="authorization__campaign_ends_on")
    def campaign(self, post: PostAuthorization) -> SafeString:
        authorization = post.authorization
        day = authorization.campaign_ends_on
        word = "to" if day >= house_day() else "ended"
        return format_html(
            "<span>{}<small>{}, {} {}</small></span>",
            *(authorization.campaign, authorization.client, word, day_word(day)),
        )

    @admin.display(description="code", ordering="code_end")
    def code(self, post: PostAuthorization) -> SafeString:
        end, days = post_rows.end_of_code(post), post_rows.days_of(post)
        small = ", ".join(filter(None, [end if days else "", post_rows.since(post)]))
        return format_html("<span>{}<small>{}</small></span>", days or end, small)

    @admin.display(description="code ends", ordering="ends_at")
    def ends(self, post: Any) -> SafeString:
        return post_page.end_cell(post)

    @admin.display(description="state", ordering="state")
    def pill(self, post: PostAuthorization) -> SafeString:
        return rows.pill_of_state(post_rows.pill_of(post))

    @admin.display(description="who acts")
    def acts_next(self, post: PostAuthorization) -> SafeString:
        turn = post_rows.turn_of(post)
        if not turn.who:
            return format_html('<span class="quiet">{}</span>', "Nobody")
        return format_html("<span><b>{}</b><small>{}</small></span>", *turn)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        early = post_rows.too_short(self.get_queryset(request)).count()
        ends = f" {early} {'ends' if early == 1 else 'end'} too early." if early else ""
        return super().changelist_view(
            request,
            {
                "desk_sentence": SENTENCE + ends,
                "empty_sentence": EMPTY,
                "may_enter": request.user.has_perm(post_acts.MAY),
                **(extra_context or {}),
            },
        )

    def get_urls(self) -> list[Any]:
        def door(route: str, view: Any, name: str) -> Any:
            name = f"accounts_post_{name}"
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            door("calendar/", post_calendar.show, "calendar"),
            door("calendar/address/", post_calendar.feed, "feed"),
            door("calendar/address/revoke/", post_calendar.revoke, "feed_revoke"),
            door("enter/", post_acts.choose, "choose"),
            door("enter/<uuid:pk>/", post_acts.enter, "enter"),
            door("make/<uuid:pk>/", post_acts.make, "make"),
            door("<uuid:pk>/bind/", post_acts.bind, "bind"),
            door("<uuid:pk>/days/", post_acts.extend, "extend"),
            door("<uuid:pk>/withdraw/", post_acts.withdraw, "withdraw"),
            door("<uuid:pk>/read/", post_acts.read_now, "read"),
            *super().get_urls(),
        ]

    def subtitle(self, request: HttpRequest, obj: Any) -> str:
        authorization = obj.authorization
        return format_html(
            "{}. {}, {}, for {}.",
            post_rows.pill_of(obj)["word"],
            authorization.creator.shown,
            authorization.campaign,
            rows.client_link(authorization.client),
        )

    def acts(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        return post_page.acts(request, obj)

    def banner(self, request: HttpRequest, obj: Any) -> dict[str, Any] | None:
        return post_page.banner(request, obj)
