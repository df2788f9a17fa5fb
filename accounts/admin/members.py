"""The desks of our people as the platforms know them, and of who works together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts import rows
from accounts.admin.base import Desk
from accounts.admin.filters import Choice
from accounts.flows import practices
from accounts.ladder import role_of
from accounts.models import Client, Member, RoleGrant, Team, TeamPlace, User
from accounts.platforms.roles import Role
from accounts.roles import sees_all_clients

Family = RoleGrant.Family


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_email(self) -> str:
        """One person's own address, at a house we know."""
        email: str = self.cleaned_data["email"].strip().lower()
        if "email" in self.changed_data and (no := practices.why_not_address(email)):
            raise ValidationError(no)
        return email


class StillHere(Choice):
    title = "membership"
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Still here"), ("yes", "Left")]

    def pick(self, rows: QuerySet[Member], value: str) -> QuerySet[Member]:
        return rows.filter(left_on__isnull=value == "no")


@admin.register(Member)
class MemberAdmin(Desk):
    form = MemberForm
    list_display = ("person", "signs_in_as", "sits_in", "accounts", "left")
    list_filter = (StillHere,)
    search_fields = ("name", "email")
    search_help_text = "Name or e-mail"
    fields = (("name", "email"), ("user", "left_on"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members: QuerySet[Member] = super().get_queryset(request)
        return members.select_related("user")

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave out how many accounts they are on for who sees only some of them."""
        if sees_all_clients(request.user):
            return self.list_display
        return [column for column in self.list_display if column != "accounts"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Look up seats and accounts for the members of this page alone."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        seats, counts = _held(request, page.result_list)
        for member in page.result_list:
            member.sits = seats[member.pk]
            member.count = counts[member.pk]
        return page

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "user":
            kwargs["queryset"] = User.objects.filter(is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="name", ordering="name")
    def person(self, member: Member) -> SafeString:
        return format_html("{}<small>{}</small>", member.name, member.email)

    @admin.display(description="colleague", ordering="user__name")
    def signs_in_as(self, member: Member) -> str:
        return str(member.user or "Does not sign in here")

    @admin.display(description="seats")
    def sits_in(self, member: Any) -> SafeString | str:
        seats = [(str(seat.asset), role_of(seat)) for seat in member.sits]
        return _lines(seats) or "None"

    @admin.display(description="accounts")
    def accounts(self, member: Any) -> int:
        return int(member.count)

    @admin.display(description="left", ordering="left_on")
    def left(self, member: Member) -> SafeString | str:
        return rows.moment_cell(member.left_on) if member.left_on else "Still here"


def _lines(pairs: Iterable[tuple[object, str]]) -> SafeString | str:
    """Return a cell of several lines as one element: on a phone it is a card's row."""
    lines = format_html_join("", "{}<small>{}</small>", pairs)
    return format_html("<div>{}</div>", lines) if lines else ""


def _held(
    request: HttpRequest, members: Sequence[Member]
) -> tuple[dict[Any, list[RoleGrant]], Counter[Any]]:
    """Return the seats these members hold, and on how many accounts they are.

    Seats are told to whoever sees the directory; accounts, to who sees all clients.
    """
    held = RoleGrant.objects.filter(
        grantee__member__in=members,
        state__in=RoleGrant.HELD,
        missed_at__isnull=True,
    )
    seats: defaultdict[Any, list[RoleGrant]] = defaultdict(list)
    sitting = held.filter(family=Family.SEAT).select_related("asset", "grantee")
    for seat in sitting.order_by("asset__name"):
        seats[seat.grantee.member_id].append(seat)
    on = held.filter(family=Family.AD_ACCOUNT).visible_to(request.user)
    return seats, Counter(on.values_list("grantee__member", flat=True))


class PlaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A place stays when somebody has left the team, without a role: rows end."""

    role = forms.ChoiceField(
        choices=[*Role.choices(), ("", "Not in the team now")], required=False
    )


class PlaceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = TeamPlace
    form = PlaceForm
    extra = 1  # whoever has no script can add one, too
    verbose_name, verbose_name_plural = "member", "members"
    fields = ("member", "role")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TeamPlace]:
        places: QuerySet[TeamPlace] = super().get_queryset(request)
        return places.select_related("member", "team")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Read the members once, not once a row."""
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.choices = [choice for choice in field.choices]
        return field


@admin.register(Team)
class TeamAdmin(Desk):
    list_display = ("name", "who", "works_for")
    search_fields = ("name", "places__member__name")
    search_help_text = "Name of the team or of a member"
    fields = ("name",)
    inlines = (PlaceInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        teams: QuerySet[Team] = super().get_queryset(request)
        places = TeamPlace.objects.exclude(role="").select_related("member")
        return teams.prefetch_related(Prefetch("places", places))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Count the clients one sees for the teams of this page alone."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        serving = Client.objects.visible_to(request.user).filter(
            team__in=page.result_list
        )
        counts = Counter(serving.values_list("team", flat=True))
        for team in page.result_list:
            team.count = counts[team.pk]
        return page

    @admin.display(description="members")
    def who(self, team: Team) -> SafeString | str:
        """Name everybody; of who left, that they did."""
        lines = (
            (
                place.member,
                "has left" if place.member.left_on else place.get_role_display(),
            )
            for place in team.places.all()
        )
        return _lines(lines) or "Nobody yet"

    @admin.display(description="clients")
    def works_for(self, team: Any) -> int:
        return int(team.count)
