"""Who did it: a colleague, a holder of a link, a task, or the portal itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model


@dataclass(frozen=True)
class Actor:
    """The doer of an event.

    `kind` and `key` go on the event; `label` is personal text and goes into the
    erasable payload.
    """

    kind: str
    key: str
    label: str

    @classmethod
    def staff(cls, user: Any) -> Actor:
        return cls("staff", str(user.pk), str(user))

    @classmethod
    def link(cls, link: Model, label: str = "") -> Actor:
        """Whoever holds the link; `label` names the contact it was handed to."""
        return cls("link", str(link.pk), label or "Somebody with the link")

    @classmethod
    def task(cls, name: str) -> Actor:
        return cls("task", name, "The portal")

    @classmethod
    def system(cls, name: str = "portal") -> Actor:
        return cls("system", name, "The portal")
