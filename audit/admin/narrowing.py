"""How the trail's list is narrowed: to some days, one story, one doer, one request."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import (
    Client,
    Connection,
    Event,
    PostAuthorization,
    RoleGrant,
    SparkAuthorization,
    User,
)

Days = tuple[dt.date | None, dt.date | None]


class When(admin.ListFilter):
    """The usual few spans, and any other by its first and last day."""

    title = "when"
    template = "audit/when.html"
    parameters = ("when", "from", "to")

    def __init__(
        self, request: HttpRequest, params: Any, model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.chosen = {
            name: params.pop(name)[-1] for name in self.parameters if name in params
        }

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def choices(self, changelist: ChangeList) -> Any:
        when, is_range = self.chosen.get("when"), self.is_range
        yield self._choice(changelist, "", "Any day", not when and not is_range)
        for key, label in SPANS.items():
            yield self._choice(changelist, key, label, when == key)

    def _choice(
        self, changelist: ChangeList, key: str, label: str, selected: bool
    ) -> dict[str, Any]:
        new = {"when": key} if key else {}
        return {
            "selected": selected,
            "query_string": changelist.get_query_string(new, [*self.parameters, "p"]),
            "display": label,
        }

    @property
    def is_range(self) -> bool:
        return any(map(self.chosen.get, ("from", "to")))

    @property
    def others(self) -> list[tuple[str, str]]:
        """What the form of the range carries along."""
        gone = (*self.parameters, "p")
        return [
            (name, value)
            for name, values in self.request.GET.lists()
            for value in values
            if name not in gone
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = span(self.chosen)
        if first:
            queryset = queryset.filter(occurred_at__gte=_midnight(first))
        if last:
            until = _midnight(last + dt.timedelta(days=1))
            queryset = queryset.filter(occurred_at__lt=until)
        return queryset


SPANS = {"today": "Today", "week": "The last 7 days", "month": "This month"}


def span(chosen: dict[str, str]) -> Days:
    """Return the first and the last day asked for; None where that side is open."""
    today = timezone.localdate()
    match chosen.get("when"):
        case "today":
            return today, None
        case "week":
            return today - dt.timedelta(days=6), None
        case "month":
            return today.replace(day=1), None
    return _day(chosen.get("from", "")), _day(chosen.get("to", ""))


def _day(typed: str) -> dt.date | None:
    """Return the day; None for what is no day anybody has events on."""
    try:
        day = dt.date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 2000 <= day.year < 3000 else None


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


class Narrowed(admin.SimpleListFilter):
    """One value another page led here with; offered by itself nowhere."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = str(self.used_parameters.get(str(self.parameter_name), ""))
        return [(value, self.name_of(request, value))] if value else []

    def name_of(self, request: HttpRequest, value: str) -> str:
        return value

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{str(self.parameter_name): self.value()})


class OfClient(Narrowed):
    """The client's story, and that of those merged into it."""

    title = "client"
    parameter_name = "client_key"

    def _client(self, request: HttpRequest, key: str) -> Client | None:
        seen = Client.objects.visible_to(request.user)
        return next((one for one in seen.filter(pk__in=_keys(key))), None)

    def name_of(self, request: HttpRequest, value: str) -> str:
        return str(self._client(request, value) or "Nobody you see")

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Event]:
        client = self._client(request, str(self.value()))
        return queryset.of_client(client) if client else queryset.none()


class About(Narrowed):
    """What one row's page tells the last of: a key's story, an authorization's …."""

    title = "about"
    parameter_name = "about"

    def name_of(self, request: HttpRequest, value: str) -> str:
        kind, _, key = value.partition(":")
        model = STORIES.get(kind)
        if model is None or not _keys(key):
            return "Nothing you see"
        return str(model.objects.visible_to(request.user).filter(pk=key).first() or key)

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Event]:
        kind, _, key = str(self.value()).partition(":")
        narrowed: QuerySet[Event] = queryset.filter(subject_type=kind, subject_key=key)
        return narrowed


STORIES: dict[str, Any] = {
    model._meta.label_lower: model
    for model in (Connection, PostAuthorization, RoleGrant, SparkAuthorization)
}


class ByActor(Narrowed):
    title = "who"
    parameter_name = "actor_key"

    def name_of(self, request: HttpRequest, value: str) -> str:
        return str(User.objects.filter(pk__in=_keys(value)).first() or value)


class OfRequest(Narrowed):
    title = "request"
    parameter_name = "request_id"


class ByKind(admin.SimpleListFilter):
    """Four kinds, named here: to read them off a million events takes long."""

    title = "kind of doer"
    parameter_name = "actor_kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(actor_kind=value) if value else queryset


KINDS = {
    "staff": "A colleague",
    "link": "Somebody with a link",
    "task": "The portal's jobs",
    "system": "The portal itself",
}


def _keys(typed: str) -> list[str]:
    """Return the key if it looks like one of ours: a database may refuse others."""
    plain = typed.replace("-", "")
    is_one = len(plain) == 32 and all(one in "0123456789abcdef" for one in plain)
    return [typed] if is_one else []
