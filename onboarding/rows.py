"""How requests and hand-outs read in panels and lists."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from accounts.models import RoleGrant, SparkAuthorization
from accounts.platforms.registry import platform
from accounts.zones import day_word
from onboarding import turns
from onboarding.flows.spark import is_asked
from onboarding.models import (
    AccessLink,
    AccessRequest,
    Reminder,
    RequestItem,
    SparkLink,
)
from onboarding.models.links import HandedOut
from onboarding.words import STOPS, clock_of

Closed = AccessRequest.Closed
STARTED, SAYS_INVITED = "Opened and Start pressed", "Says that we are invited"
CONNECTED, ANSWERED = "Opened and Connect pressed", "Answered"
LOOKS = {
    turns.US: ("wait", "mail"),
    turns.OWNER: ("wait", "pending-admin"),
    turns.TALK: ("wait", "person"),
    turns.CLIENT: ("wait", "pending-client"),
    turns.SEND: ("wait", "manual"),
    turns.AGREES: ("wait", "pending-client"),
    turns.AGAIN: ("bad", "declined"),
    turns.ACCEPT: ("wait", "pending-client"),
    turns.GRANTS: ("wait", "grant"),
}
PILLS = {
    turn: {"tone": tone, "icon": icon, "word": turns.TURNS[turn]}
    for turn, (tone, icon) in LOOKS.items()
}
REMINDED = {
    Reminder.State.DUE: ("off", "draft"),
    Reminder.State.SENT: ("off", "mail"),
    Reminder.State.SKIPPED: ("off", "revoked"),
    Reminder.State.STOPPED: ("off", "revoked"),
    Reminder.State.REFUSED: ("bad", "failed"),
}


def for_rows(asked: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
    """Fetch along what a row says of a request: whose turn, and what was done."""
    links = AccessLink.objects.filter(request=OuterRef("pk"))
    at_owner = RoleGrant.objects.filter(
        item_grants__item=OuterRef("pk"), state="pending", waits_on="client"
    )
    along = RequestItem.objects.select_related("receiver__center", "approval")
    items = along.annotate(waits_on_owner=Exists(at_owner))
    return (
        turns.with_turn(asked)
        .select_related("client", "contact", "asked_by")
        .prefetch_related(Prefetch("items", items))
        .annotate(
            has_started=Exists(links.filter(started_at__isnull=False)),
            handed_out_at=Subquery(links.order_by("-made_at").values("made_at")[:1]),
        )
    )


def request_pill(asked: Any) -> dict[str, str]:
    """Return how a request stands that was fetched `for_rows`."""
    if asked.closed_because == Closed.SETTLED:
        return _pill("off", "check", "Settled")
    if asked.closed_because:
        return _pill("off", "expired", asked.get_closed_because_display())
    if not asked.is_open:
        return _pill("off", "expired", "Its date passed")
    if asked.turn == turns.CLIENT and asked.has_started:
        return _pill("wait", "pending-client", "Client has started")
    return PILLS[asked.turn]


def title_of(asked: AccessRequest) -> str:
    return ", ".join(
        f"{item.get_role_display()} on {platform(item.platform).label}"
        for item in asked.items.all()
    )


def request_row(asked: AccessRequest) -> dict[str, Any]:
    return {
        "title": title_of(asked),
        "url": reverse("admin:onboarding_accessrequest_change", args=[asked.pk]),
        "sentence": f"{asked.contact}, asked {_day(asked.asked_at)}",
        "pill": request_pill(asked),
    }


def what_is_asked(asked: AccessRequest, item: RequestItem) -> list[tuple[str, Any]]:
    facts = [
        ("Platform", platform(item.platform).label),
        ("Role", item.get_role_display()),
        ("Receiver", f"{item.receiver}, {item.receiver.external_id}"),
        ("Accounts", ", ".join(item.account_ids) or "The client chooses"),
        ("Contact", f"{asked.contact}, {asked.contact.email}"),
        ("Way", item.get_method_display()),
    ]
    if item.brings_key:
        kept = "Kept" if item.keeps_key else "Dropped when done"
        facts.append(("Client's key", kept))
    if item.is_by_link:
        facts.append(("Reminders", _days(asked)))
    ends = "Link ends" if item.is_by_link else "Request ends"
    facts.append((ends, _end_of_links(asked)))
    if item.sent_at:
        facts.append(("Sent", f"{item.sent_by}, {_day(item.sent_at)}"))
    if item.reason:
        facts.append(("Reason", item.reason))
    if item.ends_on:
        facts.append(("Role ends", day_word(item.ends_on)))
    return facts


def _days(asked: AccessRequest) -> str:
    days = " and ".join(", ".join(map(str, asked.remind_after)).rsplit(", ", 1))
    return f"After {days} {'day' if days == '1' else 'days'}" if days else "None"


def _end_of_links(asked: AccessRequest) -> str:
    """Return the moment by the reader's clock, and by the contact's if that differs."""
    ours = timezone.localtime(asked.closes_at)
    theirs = asked.closes_at.astimezone(clock_of(asked))
    said = f"{day_word(ours.date())}, {ours:%H:%M} {ours.tzinfo}"
    if theirs.utcoffset() == ours.utcoffset():
        return said
    there = f"{day_word(theirs.date())}, {theirs:%H:%M} {theirs.tzinfo}"
    return f"{said}; for {asked.contact} {there}"


def link_rows(asked: AccessRequest) -> list[dict[str, Any]]:
    links = asked.links.select_related("contact", "request")
    invites = RequestItem.Method.METHOD_B
    is_invitation = any(item.method == invites for item in asked.items.all())
    begun = SAYS_INVITED if is_invitation else STARTED
    return [link_row(link, begun) for link in links]


def link_row(link: AccessLink, begun: str = STARTED) -> dict[str, Any]:
    url = reverse("admin:onboarding_revoke", args=[link.pk])
    is_over = not link.request.is_open
    return _handed_out(link, str(link.contact or ""), begun, url, is_over=is_over)


def spark_link_rows(asked: SparkAuthorization, *, may: bool) -> list[dict[str, Any]]:
    """Return the hand-outs to a creator; `may` says whether the reader may end them."""
    said_yes = Q(visits__signed_in_as__gt="", visits__problem="")
    answered_at = Max("visits__attempt__claimed_at", filter=said_yes)
    links = asked.links.annotate(answered_at=answered_at)
    return [_spark_link_row(link, asked, may=may) for link in links]


def _spark_link_row(
    link: Any, asked: SparkAuthorization, *, may: bool
) -> dict[str, Any]:
    """Return the row of a link that knows when it was `answered_at`."""
    url = reverse("admin:onboarding_spark_revoke", args=[link.pk]) if may else ""
    is_over = not is_asked(asked)
    row = _handed_out(link, str(asked.creator), CONNECTED, url, is_over=is_over)
    if link.answered_at is None:
        return row
    row |= {"note": ANSWERED, "at": link.answered_at}
    if not (is_over or link.revoked_at):
        row["state"] = _pill("off", "check", ANSWERED)
    return row


def _handed_out(
    link: HandedOut, to: str, begun: str, url: str, *, is_over: bool
) -> dict[str, Any]:
    note = "Fetched, perhaps by a mail scanner" if link.first_fetched_at else ""
    return {
        "way": link.get_hand_out_display(),
        "to": to,
        "made": link.made_at,
        "state": link_pill(link, is_over=is_over),
        "note": begun if link.started_at else note,
        "at": link.started_at,
        "revoke_url": "" if is_over or link.revoked_at else url,
    }


def link_pill(link: HandedOut, *, is_over: bool) -> dict[str, str]:
    """None of these is access, so all of them are quiet."""
    if link.revoked_at:
        return _pill("off", "revoked", "Revoked")
    if is_over:
        return _pill("off", "expired", "Ended")
    if link.started_at:
        return _pill("off", "next", "Started")
    if link.first_fetched_at:
        return _pill("off", "unverified", "Fetched")
    return _pill("off", "mail", "Not opened")


def where_the_link_is(link: SparkLink) -> str:
    """Return in a sentence what became of a creator's link, and when it ends."""
    opened = "not opened yet"
    if link.first_fetched_at:
        opened = "fetched, perhaps by a mail scanner"
    if link.started_at:
        opened = "begun with"
    made, last_day = timezone.localtime(link.made_at), link.expires_at
    is_new = made.date() == timezone.localdate()
    moment = date_format(made, "H:i") if is_new else day_word(made.date())
    ends = day_word(timezone.localdate(last_day))
    return f"Link made {moment}, {opened}, ends {ends}."


def where_it_is(asked: Any, turn: str) -> str:
    """Return in a sentence whose turn an open request is, and why.

    Of a request with `has_started`, `stopped` and `reason`, as the front page reads it.
    """
    last_day = day_word(timezone.localdate(asked.closes_at))
    if turn == turns.OWNER:
        return f"{asked.asked_by} asks for Admin: {asked.reason}"
    if turn == turns.US:
        return f"{asked.contact} has no link. The request ends on {last_day}."
    if turn == turns.TALK:
        return why_call(asked)
    if turn == turns.ACCEPT:
        return f"{asked.contact} says we are invited. Our center has yet to accept."
    if asked.stopped:
        return f"It stopped: {STOPS.get(asked.stopped, asked.stopped)}."
    if asked.has_started:
        return f"{asked.contact} has started. The link ends on {last_day}."
    return f"{asked.contact} has the link until {last_day}."


def why_call(asked: AccessRequest) -> str:
    """Return why no letter of ours helps any more, where the turn is TALK."""
    if asked.contact.email_problem:
        return f"{asked.contact} gets no letters: the mail server refuses the address."
    return f"{asked.contact} has not answered. Call, then hand out a fresh link."


def reminder_rows(asked: AccessRequest) -> list[dict[str, Any]]:
    """Return the plan, step by step; the next letter is the one that may be moved.

    Those that ended together, in the same way, are one row.
    """
    reminders = list(asked.reminders.select_related("contact"))
    movable = (one for one in reminders if one.contact_id and one.is_waiting)
    following = next(movable, None)
    rows = [
        {
            "number": reminder.number,
            "to": str(reminder.contact or "Word to the account manager"),
            **_moment(asked, reminder),
            "note": reminder.problem,
            "state": reminder_pill(reminder),
            "is_next": reminder == following,
        }
        for reminder in reminders
    ]
    ended = (list(same) for _, same in groupby(rows, key=_end_of))
    return [{**same[0], "letters": len(same)} for same in ended]


def _end_of(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return how a reminder ended; of one that is due, which it is."""
    if "ended" not in row:
        return (row["number"],)
    return row["to"], row["ended"], row["note"], row["state"]["word"]


def reminder_pill(reminder: Reminder) -> dict[str, str]:
    """A letter is no access, so it is quiet unless somebody has to look at it."""
    state = Reminder.State(reminder.state)
    if state == Reminder.State.SENT and reminder.problem and reminder.contact_id:
        return _pill("wait", "stale", "Perhaps sent")
    return _pill(*REMINDED[state], str(state.label))


def _moment(asked: AccessRequest, reminder: Reminder) -> dict[str, Any]:
    """Return when it ended; or when it is due, by the clock of who is to read it."""
    if reminder.ended_at is not None:
        return {"ended": reminder.ended_at}
    there = reminder.due_at.astimezone(clock_of(asked, reminder.contact))
    return {"due": there, "weekday": f"{there:%A}"}


def pill_cell(pill: dict[str, str]) -> SafeString:
    return render_to_string("parts/pill.html", {"state": pill})


def _day(moment: dt.datetime) -> str:
    return day_word(timezone.localdate(moment))


def _pill(tone: str, icon: str, word: str) -> dict[str, str]:
    return {"tone": tone, "icon": icon, "word": word}
