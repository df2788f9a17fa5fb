"""The plan of a request: on which days whom is reminded, and what ends that.

Letters go out on working days, from nine to five by the clock of who reads them. Last
comes a word to the account manager. A plan lives while a link is out that nobody has
answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import count

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from accounts.models import Contact
from accounts.trail import Actor, record
from onboarding.models import AccessRequest, Reminder
from onboarding.words import clock_of

State = Reminder.State

OPENS, CLOSES = dt.time(9), dt.time(17)
A_DAY = dt.timedelta(days=1)
FRIDAY = 4
# What is left for an answer where the last day leaves none for it.
SOME_HOURS = dt.timedelta(hours=4)
# So many letters to one person without a Start: then somebody else there is written to.
MISSES = 2


def working_hour(moment: dt.datetime, clock: dt.tzinfo) -> dt.datetime:
    """Return the moment itself, or nine o'clock of the next working morning."""
    local = moment.astimezone(clock)
    day, hour = local.date(), local.time()
    if hour > CLOSES:
        day, hour = day + A_DAY, OPENS
    while day.weekday() > FRIDAY:
        day, hour = day + A_DAY, OPENS
    return dt.datetime.combine(day, max(hour, OPENS), clock).astimezone(dt.UTC)


def dates_after(
    handed_out_at: dt.datetime, days: Iterable[int], clock: dt.tzinfo
) -> list[dt.datetime]:
    """Return when the letters of these days leave; two never on the same day."""
    local = handed_out_at.astimezone(clock)
    dates: list[dt.datetime] = []
    for number in sorted(days):
        there = dt.datetime.combine(
            local.date() + number * A_DAY, local.time(), clock
        ).astimezone(dt.UTC)
        dates.append(working_hour(max(there, _day_after(dates, there)), clock))
    return dates


def begin(request: AccessRequest) -> None:
    """Make the plan with the first link that is out, or once the last one came to
    nothing.

    Call it inside the transaction of the hand-out. What is asked on the platform's
    website is chased by no link.
    """
    AccessRequest.objects.select_for_update().get(pk=request.pk)
    newest = request.reminders.order_by("-number").first()
    is_out = request.links.filter(revoked_at__isnull=True).count() > 1
    is_told = newest is not None and newest.state == State.SENT
    if due(request).exists() or (is_out and not is_told):
        return
    _make(request, timezone.now())


def plan_anew(request: AccessRequest) -> None:
    """Follow changed days from the first link that is out.

    What was sent, left out or stopped stays so: only later days are planned.
    """
    AccessRequest.objects.select_for_update().get(pk=request.pk)
    due(request).filter(lease_until__isnull=True).delete()
    first = request.links.filter(revoked_at__isnull=True).order_by("made_at").first()
    if first is not None and first.started_at is None:
        ended = request.reminders.filter(
            due_at__gt=first.made_at, contact__isnull=False
        )
        last = ended.aggregate(last=Max("due_at"))["last"]
        _make(request, first.made_at, after=last)


def resume(request: AccessRequest) -> bool:
    """Plan the same days anew from now, once the plan was stopped; False if none.

    Call it inside the transaction of whoever wants it so.
    """
    AccessRequest.objects.select_for_update().get(pk=request.pk)
    if due(request).exists() or why_over(request):
        return False
    _make(request, timezone.now())
    return due(request).exists()


def stop(request: AccessRequest, *, by: Actor, because: str) -> bool:
    """End the plan; False if nothing of it was left. A letter on its way is let go.

    Call it inside the transaction of what ends it.
    """
    left = due(request).filter(lease_until__isnull=True)
    if not left.update(state=State.STOPPED, problem=because, ended_at=timezone.now()):
        return False
    record(
        "reminder.stopped",
        by=by,
        subject=request,
        client=request.client,
        data={"because": because},
    )
    return True


def close(request: AccessRequest, *, by: Actor, is_told: bool) -> None:
    """End the plan with its request; the manager of one that ran out is told now."""
    if is_told:
        hurry_word(request, "The request reached its date and nobody answered.")
    else:
        stop(request, by=by, because="The request is over.")


def hurry_word(request: AccessRequest, because: str) -> None:
    """Write to nobody there any more, and tell the manager now."""
    now = timezone.now()
    left = due(request).filter(lease_until__isnull=True)
    letters = left.filter(contact__isnull=False)
    letters.update(state=State.STOPPED, problem=because, ended_at=now)
    word = left.filter(contact__isnull=True)
    word.update(due_at=now, problem=because)


def why_over(request: AccessRequest) -> str:
    """Return what has ended the plan already, or nothing while it goes on."""
    out = request.links.filter(revoked_at__isnull=True)
    if not request.is_open:
        return "The request is over."
    if out.filter(started_at__isnull=False).exists():
        return "Start was pressed."
    return "" if out.exists() else "No link is out."


def ripe(now: dt.datetime) -> Q:
    """Steps whose time has come: at once where who was asked is no longer there."""
    is_gone = Q(request__contact__is_active=False, contact__isnull=False)
    return Q(due_at__lte=now) | is_gone


def due(request: AccessRequest) -> QuerySet[Reminder]:
    return request.reminders.filter(state=State.DUE)


def written(request: AccessRequest) -> QuerySet[Reminder]:
    """Return the letters of the present plan that have left the house."""
    words = request.reminders.filter(contact__isnull=True).exclude(state=State.DUE)
    before = words.aggregate(last=Max("number"))["last"] or 0
    letters = request.reminders.filter(contact__isnull=False, state=State.SENT)
    return letters.filter(number__gt=before).order_by("number")


def addressee(request: AccessRequest) -> Contact | None:
    """Return who is written to next: who was, or after two misses somebody else.

    Who decides there comes first. None when no address there takes letters.
    """
    sent = list(written(request).select_related("contact"))
    last = (sent[-1].contact if sent else None) or request.contact
    missed = [reminder.contact_id for reminder in sent]
    reachable = Contact.objects.filter(
        client=request.client, is_active=True, email_problem=""
    )
    able = {contact.pk: contact for contact in reachable}
    if last.pk in able and missed.count(last.pk) < MISSES:
        return able[last.pk]
    others = (one for one in able.values() if missed.count(one.pk) < MISSES)
    return next(others, able.get(last.pk))


def _make(
    request: AccessRequest, since: dt.datetime, *, after: dt.datetime | None = None
) -> None:
    begins = max(filter(None, (after, timezone.now())))
    is_by_link = any(item.is_by_link for item in request.items.all())
    dates = [
        date
        for date in dates_after(since, request.remind_after, clock_of(request))
        if begins < date < request.closes_at
    ]
    if not dates or not is_by_link:
        return
    last = request.reminders.aggregate(last=Max("number"))["last"] or 0
    word = working_hour(dates[-1] + A_DAY, clock_of(request))
    if word >= request.closes_at:
        word = min(dates[-1] + SOME_HOURS, request.closes_at)
    steps = [*((date, request.contact) for date in dates), (word, None)]
    Reminder.objects.bulk_create(
        Reminder(
            request=request,
            number=number,
            contact=contact,
            due_at=date,
        )
        for number, (date, contact) in zip(count(last + 1), steps, strict=False)
    )
    record(
        "reminder.planned",
        by=Actor.task("remind"),
        subject=request,
        client=request.client,
        data={
            "contact": request.contact.name,
            "days": ", ".join(f"{_there(date, request):%-d %B}" for date in dates),
        },
    )


def _there(date: dt.datetime, request: AccessRequest) -> dt.datetime:
    return date.astimezone(clock_of(request))


def _day_after(dates: list[dt.datetime], otherwise: dt.datetime) -> dt.datetime:
    return dates[-1] + A_DAY if dates else otherwise
