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
    def link(cls, link: Model, *, handed_to: str = "", signed_in_as: str = "") -> Actor:
        """Whoever holds the link: handed to a contact, signed in at the platform.

        Anybody may call themselves anything there, so that name never stands alone,
        where it could read like a colleague's.
        """
        if signed_in_as:
            return cls("link", str(link.pk), f"{signed_in_as} (by the link)")
        whom = f" for {handed_to}" if handed_to else ""
        return cls("link", str(link.pk), f"Somebody with the link{whom}")

    @classmethod
    def task(cls, name: str) -> Actor:
        return cls("task", name, "The portal")

    @classmethod
    def system(cls, name: str = "portal") -> Actor:
        return cls("system", name, "The portal")
