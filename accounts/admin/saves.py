"""What a save at a desk changed, told on the trail: from what to what."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.forms import BaseForm, ModelChoiceField
from django.http import HttpRequest

from accounts.trail import Actor, record


def note_save(request: HttpRequest, obj: Any, form: BaseForm, is_old: bool) -> None:
    """Record what was changed, from what to what."""
    if is_old and not form.changed_data:
        return
    fields = [name for name in form.changed_data if name in form.fields]
    labels = [str(form.fields[name].label or name) for name in fields]
    after = {name: _told(form.cleaned_data.get(name)) for name in fields}
    before = {name: _told(_before(form, name)) for name in fields}
    record(
        f"{obj._meta.model_name}.{'changed' if is_old else 'added'}",
        by=Actor.staff(request.user),
        subject=obj,
        client=_client_of(obj),
        data={
            "kind": str(obj._meta.verbose_name),
            "fields": ", ".join(labels),
            "after": after,
            **({"before": before} if is_old else {}),
        },
    )


def _before(form: BaseForm, name: str) -> Any:
    """Return what stood there; the form knows the object of a choice by key only."""
    value = form.initial.get(name)
    field = form.fields[name]
    if not isinstance(field, ModelChoiceField) or isinstance(value, list):
        return value
    # Not from the choices: what was chosen once need not be on offer today.
    offered: Any = field.queryset
    return offered.model._base_manager.filter(pk=value).first()


def _told(value: Any) -> Any:
    """Return a value as the trail tells it: objects by name, in order."""
    if isinstance(value, list | QuerySet):
        return sorted(str(one) for one in value)
    if isinstance(value, bool):
        return value
    return "" if value is None else str(value)


def _client_of(obj: Any) -> Model | None:
    if obj._meta.model_name == "client":
        return obj
    return getattr(obj, "client", None)
