"""How a key reads: what becomes of it at its end, how it stands, who acts next.

A key is green when a call with it, or its renewal, has worked within 24 hours.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import Connection
from accounts.models.base import is_today
from accounts.models.connections import ENDS_SOON
from accounts.platforms.registry import platform
from accounts.zones import day_word

Pill = dict[str, Any]
State = Connection.State

REMOVED = ("off", "revoked", "Removed")
HELD = ("wait", "lock", "Held")
REFUSED = ("bad", "connection", "Connect again")
TROUBLED = ("bad", "failed", "Has a problem")
LATE = ("wait", "stale", "Renews late")
UNUSED = ("off", "stale", "Not used today")
WORKS = ("ok", "active", "Works")


def renews_itself(key: Connection) -> bool:
    return bool(platform(key.platform).refreshes[key.kind])


def at_its_end(key: Connection) -> tuple[str, str]:
    """Return what becomes of the key in the end, and the next that happens to it."""
    if key.state in Connection.ENDED:
        return "Given back", _on("On", key.last_used_at)
    if renews_itself(key):
        anew = f"{key} signs in again"
        if key.state == State.LIVE and key.refresh_due_at is not None:
            last = _on(f"{anew} before", key.expires_at)
            said = [f"Next {_soon(key.refresh_due_at)}", last]
            return "Renews itself", ". ".join(filter(None, said))
        return "Renews no more", anew
    if key.expires_at is not None:
        return _on("Ends", key.expires_at), "Cannot renew itself"
    return "Never ends", f"Unless {key} or we withdraw it"


def pill_of(key: Any, *, is_held: bool = False) -> Pill:
    tone, icon, word = _look(key, is_held)
    return {"tone": tone, "icon": icon, "word": word}


def who_acts(key: Any, *, is_held: bool = False) -> tuple[str, str]:
    """Return who acts next, and what they do; ("", "") where nobody has to."""
    if key.state in Connection.ENDED:
        return "", ""
    if is_held:
        return "An access owner", "Decides whom it serves"
    if key.state == State.NEEDS_REAUTHORIZATION:
        return str(key), HOW_ANEW[key.kind]
    if _days_left(key) is not None:
        return str(key), f"{HOW_ANEW[key.kind]} before {_day(key.expires_at)}"
    if renews_itself(key) and key.refresh_due_at is not None:
        return "The portal", f"Renews {_soon(key.refresh_due_at)}"
    return "", ""


HOW_ANEW = {
    Connection.Kind.LOGIN: "Connects again",
    Connection.Kind.CREATOR: "Opens a fresh link",
}


def _look(key: Any, is_held: bool) -> tuple[str, str, str]:
    now = timezone.now()
    if key.state in Connection.ENDED:
        return REMOVED
    if is_held:
        return HELD
    if key.state == State.NEEDS_REAUTHORIZATION:
        return REFUSED
    if renews_itself(key) and key.access_until and key.access_until <= now:
        return LATE
    if key.problem:
        return TROUBLED
    if (days := _days_left(key)) is not None:
        return ("wait", "expired", f"{days} days left" if days != 1 else "1 day left")
    is_proved = is_today(key.last_used_at) or is_today(key.refreshed_at)
    return WORKS if is_proved else UNUSED


def _days_left(key: Any) -> int | None:
    """Return in how many days a person must act; None while that is far off."""
    if key.expires_at is None:
        return None
    left: dt.timedelta = key.expires_at - timezone.now()
    return max(0, left.days) if left <= ENDS_SOON else None


def _soon(moment: dt.datetime) -> str:
    """Return a moment of the next days: today by its time alone."""
    told = timezone.localtime(moment)
    days = (told.date() - timezone.localdate()).days
    day = {0: "at", 1: "tomorrow"}.get(days, day_word(told.date()))
    return f"{day} {told:%H:%M}"


def _on(words: str, moment: dt.datetime | None) -> str:
    return f"{words} {_day(moment)}" if moment else ""


def _day(moment: dt.datetime) -> str:
    return day_word(timezone.localdate(moment))
