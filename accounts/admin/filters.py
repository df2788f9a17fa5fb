"""Filters of the desks' lists that are no field, and the refusal of all others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Client, Connection, Consent, Grantee, RoleGrant
from accounts.roles import is_media_buyer
from accounts.standing import MYSELF, ROOM, STANDINGS

PEOPLE = "people"


class FilteredList(ChangeList):
    """A list narrowed by its own filters alone.

    Django takes any field of the row, or of rows beside it, for one: whether a list
    comes out empty would tell of clients nobody here may see, or of a password's hash.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        found = super().get_filters(request)
        if left_over := found[2]:
            raise DisallowedModelAdminLookup(f"No filter knows {', '.join(left_over)}")
        return found


class Choice(admin.SimpleListFilter):
    """One of a few words; what nobody offered narrows nothing."""

    def pick(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        offered = {str(key) for key, _ in self.lookup_choices}
        return self.pick(queryset, value) if value in offered else queryset


def the_one(rows: QuerySet[Any], key: str | None) -> QuerySet[Any]:
    """Narrow to the row an address names; to none where it names nothing."""
    try:
        return rows.filter(pk=UUID(key or ""))
    except ValueError:
        return rows.none()


class Stands(Choice):
    title = "standing"
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        places = [(place.key, place.label) for place in STANDINGS]
        return [*places, (ROOM, "Takes room in our center")]

    def pick(self, rows: QuerySet[RoleGrant], value: str) -> QuerySet[RoleGrant]:
        if value == ROOM:
            return rows.filter(state__in=RoleGrant.TAKES_ROOM)
        place = next(place for place in STANDINGS if place.key == value)
        return rows.filter(place.where())


class Holder(Choice):
    """Our centers one by one, all our people together, and whoever looks."""

    title = "holder"
    parameter_name = "holder"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        ours = Grantee.objects.filter(
            kind=Grantee.Kind.CENTER, standing=Grantee.Standing.OURS
        )
        self.user = request.user
        own = [(MYSELF, "Myself")] if is_media_buyer(request.user) else []
        return [
            *own,
            *((str(one.pk), str(one)) for one in ours),
            (PEOPLE, "Our people"),
        ]

    def pick(self, rows: QuerySet[RoleGrant], value: str) -> QuerySet[RoleGrant]:
        if value == MYSELF:
            own: QuerySet[RoleGrant] = RoleGrant.objects.of_person(self.user)
            return rows.filter(pk__in=own.values("pk"))
        if value == PEOPLE:
            return rows.filter(grantee__kind=Grantee.Kind.PERSON)
        return rows.filter(grantee_id=value)


class OfClient(Choice):
    """One client, where another page led here; offered by no list of its own."""

    title = "client"
    parameter_name = "client"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        seen = the_one(Client.objects.visible_to(request.user), self.value())
        return [(str(client.pk), str(client)) for client in seen]

    def pick(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(**{getattr(rows, "client_path", "client"): value})


class Words(admin.AllValuesFieldListFilter):
    """Every word that is in use; the rows without one have a name to press, too."""

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or "None entered"}


class AtItsEnd(Choice):
    """What becomes of a key, and those that will not go on without a person."""

    title = "end"
    parameter_name = "end"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("person", "Needs a person"),
            ("renews", "Renews itself"),
            ("never", "Never ends"),
            ("over", "Ended"),
        ]

    def pick(self, rows: QuerySet[Connection], value: str) -> QuerySet[Connection]:
        keys = Connection.objects
        live = rows.filter(state=Connection.State.LIVE)
        if value == "person":
            return rows.filter(pk__in=keys.need_a_person().values("pk"))
        if value == "renews":
            return live.filter(refresh_due_at__isnull=False)
        if value == "never":
            return live.filter(refresh_due_at=None, expires_at=None)
        return rows.filter(state__in=Connection.ENDED)


class Whose(Choice):
    title = "whose"
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        purpose = Consent.Purpose
        return [
            (purpose.AGENCY, "Ours"),
            (purpose.CLIENT, "A client's"),
            (purpose.CREATOR, "A creator's"),
        ]

    def pick(self, rows: QuerySet[Connection], value: str) -> QuerySet[Connection]:
        given = Consent.objects.standing().filter(purpose=value)
        return rows.filter(pk__in=given.values("connection"))


def titled(title: str) -> type[admin.FieldListFilter]:
    """Return the usual filter of a field under another heading than its name."""

    class Titled(admin.FieldListFilter):
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            usual = admin.FieldListFilter.create(*args, **kwargs)
            usual.title = title
            return usual

    return Titled
