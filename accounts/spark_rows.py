"""How a Spark authorization reads: its pill, its steps, its row, and who acts next."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.ladder import STALE, TROUBLE, Pill, course
from accounts.models import Assignment, Event, SparkAuthorization
from accounts.platforms.spark import WORDS

State = SparkAuthorization.State
WaitsOn = SparkAuthorization.WaitsOn

PILLS: dict[str, tuple[str, str, Any]] = {
    State.WAITING: ("wait", "pending-client", _("Waits for the creator")),
    State.UNVERIFIED: ("work", "unverified", _("Not read back yet")),
    State.ACTIVE: ("ok", "active", _("Active")),
    State.LOST: ("bad", "lost", _("Lost")),
    State.WITHDRAWING: ("work", "revoking", _("Removing")),
    State.WITHDRAWN: ("off", "revoked", _("Removed")),
    State.DECLINED: ("bad", "declined", _("Declined")),
    State.EXPIRED: ("off", "expired", _("Expired")),
}
TO_HAND_OUT = ("wait", "mail", _("No link is out yet"))
CHOOSE = ("wait", "manual", _("Which account is it?"))
IN_PART = ("wait", "active", _("Active, in part"))
MISSED = ("wait", "stale", _("Not shown, read again soon"))
GRANTED_NOTHING = ("bad", "drifted", _("Nothing asked was granted"))
NOT_REMOVED = ("bad", "revoking", _("Not removed yet"))

STEPS = (_("Asked"), _("Answered"), _("Read back"), _("Active"))
STEPS_OF_REMOVAL = (_("Active"), _("Removing"), _("Read back"), _("Removed"))
DONE = {
    State.WAITING: 1,
    State.DECLINED: 1,
    State.EXPIRED: 1,
    State.UNVERIFIED: 2,
    State.LOST: 2,
    State.ACTIVE: 4,
    State.WITHDRAWING: 1,
    State.WITHDRAWN: 4,
}

# Whose move it is, as the lists ask the database; `who_acts` says it of one row.
TURNS = {turn.value: Q(waits_on=turn) for turn in WaitsOn}


def for_rows(rows: QuerySet[SparkAuthorization]) -> QuerySet[SparkAuthorization]:
    """Fetch along what a row says, so that a thousand rows ask no more than one."""
    along = ("client", "creator", "account", "center", "connection", "asked_by")
    served = Assignment.objects.select_related("user")
    return rows.select_related(*along).prefetch_related(
        Prefetch("client__assignments", served)
    )


def pill_of(authorization: SparkAuthorization) -> Pill:
    """Return the state in a word; green is said only of all that was asked, today."""
    state, is_ours = authorization.state, authorization.waits_on == WaitsOn.US
    tone, icon, word = PILLS[state]
    if state == State.ACTIVE and not authorization.is_fresh:
        tone, icon, word = STALE
    elif state == State.ACTIVE and authorization.missing:
        tone, icon, word = IN_PART
    elif state == State.WAITING and is_ours:
        tone, icon, word = CHOOSE if authorization.problem else TO_HAND_OUT
    elif state == State.UNVERIFIED and authorization.missed_at:
        tone, icon, word = MISSED
    elif state == State.UNVERIFIED and is_ours:
        tone, icon, word = GRANTED_NOTHING
    elif state == State.WITHDRAWING and is_ours:
        tone, icon, word = NOT_REMOVED
    return {"tone": tone, "icon": icon, "word": word}


def who_acts(authorization: SparkAuthorization) -> str:
    """Return who acts next, by name where the books know one; "" for nobody."""
    turn = authorization.waits_on
    if turn == WaitsOn.US:
        return str(authorization.client.acts or _("The account manager"))
    if turn == WaitsOn.CREATOR:
        return authorization.creator.shown
    return str(_("The portal")) if turn == WaitsOn.PORTAL else ""


def steps_of(authorization: SparkAuthorization) -> list[dict[str, Any]]:
    """Return the four steps for the ladder; trouble stands on the step it stops."""
    pill, state = pill_of(authorization), State(authorization.state)
    is_removal = state in (State.WITHDRAWING, State.WITHDRAWN)
    words = STEPS_OF_REMOVAL if is_removal else STEPS
    place, notes = DONE[state], _moments(authorization)
    if place == len(words):
        return course(words, notes, place - 1, pill)
    return course(words, notes, place, pill, is_stopped=pill["tone"] in TROUBLE)


def word_list(authorization: SparkAuthorization) -> list[dict[str, Any]]:
    """Return every word that was asked or granted, and how it stands."""
    return [
        {
            "word": WORDS[word],
            "is_asked": word in authorization.asked,
            "pill": _word_pill(authorization, word),
        }
        for word in WORDS
        if word in authorization.asked or word in authorization.granted
    ]


def row(authorization: SparkAuthorization) -> dict[str, Any]:
    """Return what a panel says of one: whose account, for what, how it stands."""
    return {
        "name": authorization.creator.shown,
        "url": page_of(authorization),
        "campaign": authorization.campaign,
        "ends_on": authorization.campaign_ends_on,
        "who": who_acts(authorization),
        "problem": authorization.problem,
        "pill": pill_of(authorization),
    }


def page_of(authorization: SparkAuthorization) -> str:
    return reverse("admin:accounts_sparkauthorization_change", args=[authorization.pk])


def _word_pill(authorization: SparkAuthorization, word: str) -> Pill:
    is_asked = word in authorization.asked
    if word not in authorization.granted:
        return {"tone": "off", "icon": "draft", "word": _("Not granted")}
    if not is_asked:
        return {"tone": "off", "icon": "info", "word": _("Granted, never asked")}
    if authorization.state == State.WITHDRAWING:
        tone, icon, word = PILLS[State.WITHDRAWING]
        return {"tone": tone, "icon": icon, "word": word}
    is_active = authorization.state == State.ACTIVE
    if not is_active or word not in authorization.proved_today:
        tone, icon, _word = STALE
        return {"tone": tone, "icon": icon, "word": _word}
    return {"tone": "ok", "icon": "active", "word": _("Granted")}


def _taken_back_at(authorization: SparkAuthorization) -> Any:
    """Return when it was put on its way down: the trail alone remembers."""
    asked = Event.objects.about(authorization).filter(action="spark.withdraw_asked")
    return asked.order_by("-pk").values_list("occurred_at", flat=True).first()


def _moments(authorization: SparkAuthorization) -> tuple[Any, ...]:
    """Return when each of the four steps was reached."""
    asked, since = authorization.asked_at, authorization.since
    read = authorization.verified_at
    if authorization.state == State.WITHDRAWING:
        return read, since, None, None
    if authorization.state == State.WITHDRAWN:
        gone = authorization.center_gone_at or since
        return read, _taken_back_at(authorization), gone, since
    key = authorization.connection
    answered = key.key_given_at if key else None
    is_waiting = authorization.state == State.WAITING
    return asked, since if is_waiting else answered, read, read
