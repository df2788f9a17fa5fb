"""Reminders: a fresh link by letter on its day, or when somebody presses the button.

A row of the plan is claimed once and for ever before its letter leaves: whatever kills
the worker, nobody gets the same reminder twice. One that was cut off is booked as
perhaps sent.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows.apart import in_turn
from accounts.letters import AddressRefused, LetterRefused, LetterUnsure
from accounts.models import Contact, User
from accounts.trail import Actor, record
from onboarding.flows import links, managers_word, planning
from onboarding.flows.minting import TooManyLetters
from onboarding.models import AccessLink, AccessRequest, Reminder
from onboarding.words import clock_of

State = Reminder.State

LEASE = dt.timedelta(minutes=10)
AGAIN_AFTER = dt.timedelta(hours=1)
MOST_AT_ONCE = 100
CUT_OFF = "The portal was cut off while it sent this: perhaps it arrived."
LEFT = "{} is no longer there."
UNREACHABLE = "No address we have at {} takes letters."


class NothingDue(Exception):
    """That reminder was sent, skipped or stopped meanwhile, or is being sent."""


def sweep(now: dt.datetime) -> None:
    """Queue what is due, and book what a killed worker left; every minute."""
    due = Reminder.objects.filter(state=State.DUE)
    left = due.filter(lease_until__lt=now).select_related("request__client", "contact")
    in_turn(partial(_book_cut_off, one) for one in left[:MOST_AT_ONCE])
    ripe = due.filter(planning.ripe(now), lease_until__isnull=True)
    waiting = ripe.order_by("due_at", "number")
    for pk in waiting.values_list("pk", flat=True)[:MOST_AT_ONCE]:
        async_task("onboarding.tasks.remind", str(pk))


def remind(reminder_id: str) -> bool:
    """Carry out one due step; False if there was nothing to do, or not now."""
    ripe = planning.ripe(timezone.now())
    reminder = _claim(Reminder.objects.filter(ripe, pk=reminder_id))
    if reminder is None:
        return False
    if reminder.contact_id is None:
        _tell_manager(reminder)
        return True
    try:
        _write(reminder, by=Actor.task("remind"))
    except NothingDue:
        return False
    except (AddressRefused, LetterUnsure):
        return True
    except (LetterRefused, links.NotCleared, TooManyLetters):
        _release(reminder, due_at=_later(reminder))
        return False
    return True


def send_now(request: AccessRequest, number: int, *, user: User) -> Contact:
    """Send a reminder of the plan before its day; return whom it went to.

    Raises NothingDue, links.NotCleared, TooManyLetters, and LetterRefused: then
    it keeps its day, unless the address was refused or the letter perhaps left.
    """
    reminder = _claim(request.reminders.filter(number=number, contact__isnull=False))
    if reminder is None:
        raise NothingDue
    try:
        return _write(reminder, by=Actor.staff(user), user=user)
    except (AddressRefused, LetterUnsure):
        raise
    except (LetterRefused, links.NotCleared, TooManyLetters):
        _release(reminder)
        raise


def remind_now(request: AccessRequest, *, user: User) -> Contact:
    """Send the plan's next letter before its day, or one more where none is left.

    Raises NothingDue where no letter helps: see planning.why_over. And as send_now.
    """
    following = planning.due(request).filter(contact__isnull=False).first()
    if following is not None:
        return send_now(request, following.number, user=user)
    by, whom = Actor.staff(user), planning.addressee(request)
    if planning.why_over(request) or whom is None:
        raise NothingDue
    step = "again" if whom == request.contact else "other"
    links.mail(request, whom, by=by, user=user, letter="reminder", step=step)
    with transaction.atomic():
        _record("reminder.sent", request, by=by, contact=whom.name)
    return whom


def skip(request: AccessRequest, number: int, *, user: User) -> None:
    """Leave one letter out; the others keep their days. Raises NothingDue."""
    left = planning.due(request).filter(lease_until__isnull=True)
    one = left.filter(number=number, contact__isnull=False)
    with transaction.atomic():
        if not one.update(state=State.SKIPPED, ended_at=timezone.now()):
            raise NothingDue
        _record("reminder.skipped", request, by=Actor.staff(user))


def stop(request: AccessRequest, *, user: User) -> None:
    """Remind nobody of this request any more. Raises NothingDue."""
    by = Actor.staff(user)
    with transaction.atomic():
        if not planning.stop(request, by=by, because=f"{user} stopped it."):
            raise NothingDue


def start_again(request: AccessRequest, *, user: User) -> None:
    """Plan the same days anew, from today. Raises NothingDue where none is left."""
    with transaction.atomic():
        if not planning.resume(request):
            raise NothingDue
        _record("reminder.resumed", request, by=Actor.staff(user))


def _claim(found: QuerySet[Reminder]) -> Reminder | None:
    """Take a step for good: one whose lease ran out is never taken again."""
    reminder = found.select_related(
        "request__client", "request__contact", "request__asked_by", "contact"
    ).first()
    if reminder is None:
        return None
    free = Reminder.objects.filter(
        pk=reminder.pk, state=State.DUE, lease_until__isnull=True
    )
    return reminder if free.update(lease_until=timezone.now() + LEASE) else None


def _release(reminder: Reminder, **changed: Any) -> None:
    """Put a step back whose letter surely never left."""
    Reminder.objects.filter(pk=reminder.pk, state=State.DUE).update(
        lease_until=None, **changed
    )


def _later(reminder: Reminder) -> dt.datetime:
    clock = clock_of(reminder.request, reminder.contact)
    return planning.working_hour(timezone.now() + AGAIN_AFTER, clock)


def _write(reminder: Reminder, *, by: Actor, user: User | None = None) -> Contact:
    """Send one letter and book what became of it.

    Raises NothingDue once the plan is over, and what links.mail does.
    """
    request = reminder.request
    whom = _whom(reminder, by=by)
    try:
        link = links.mail(
            request, whom, by=by, user=user, letter="reminder", step=_step(reminder)
        )
    except AddressRefused as refused:
        _book(reminder, State.REFUSED, problem=str(refused))
        _tell_of_refusal(reminder, by=by)
        raise
    except LetterUnsure as unsure:
        _book(reminder, State.SENT, problem=str(unsure))
        raise
    with transaction.atomic():
        _book(reminder, State.SENT, link=link)
        _record("reminder.sent", request, by=by, contact=whom.name)
    return whom


def _whom(reminder: Reminder, *, by: Actor) -> Contact:
    """Return who is to read it; raise NothingDue where the plan is over."""
    request = reminder.request
    if because := planning.why_over(request):
        with transaction.atomic():
            _release(reminder)
            planning.stop(request, by=by, because=because)
        raise NothingDue
    whom = planning.addressee(request)
    if whom is None or not request.contact.is_active:
        _hand_over(reminder, by=by)
        raise NothingDue
    if reminder.contact != whom:
        before = reminder.contact
        reminder.contact = whom
        with transaction.atomic():
            reminder.save(update_fields=["contact"])
            told = {"before": str(before), "contact": whom.name}
            _record("reminder.passed_on", request, by=by, **told)
    return whom


def _hand_over(reminder: Reminder, *, by: Actor) -> None:
    """Nobody is left to write to: the next word is to the manager, and now."""
    request = reminder.request
    because = UNREACHABLE.format(request.client)
    if not request.contact.is_active:
        because = LEFT.format(request.contact)
    with transaction.atomic():
        _release(reminder)
        planning.hurry_word(request, because)
        _record("reminder.stopped", request, by=by, because=because)


def _step(reminder: Reminder) -> str:
    """Return which words the letter has: by its place, and by who reads it."""
    request = reminder.request
    if reminder.contact_id != request.contact_id:
        return "other"
    later = planning.due(request).filter(contact__isnull=False)
    if not later.exclude(pk=reminder.pk).exists():
        return "last"
    return "again" if planning.written(request).exists() else "first"


def _tell_manager(reminder: Reminder) -> None:
    """Say that nobody answered; the request is the manager's turn from here on."""
    request = reminder.request
    letters = planning.written(request).count()
    happened = reminder.problem or managers_word.unanswered(request, letters)
    problem = managers_word.send(request, happened)
    with transaction.atomic():
        _book(reminder, State.SENT, problem=problem or reminder.problem)
        _record("reminder.told", request, by=Actor.task("remind"), happened=happened)


def _tell_of_refusal(reminder: Reminder, *, by: Actor) -> None:
    """The address is dead: say so at once, and who is written to instead."""
    request = reminder.request
    following = planning.due(request).filter(contact__isnull=False).first()
    whom = planning.addressee(request)
    if whom is None:
        _hand_over(reminder, by=by)
        return
    follows = ""
    if following is not None:
        day = following.due_at.astimezone(clock_of(request, whom))
        follows = f"The next reminder goes to {whom} on {day:%-d %B}."
    managers_word.send_of_refusal(request, reminder.problem, follows)


def _book(
    reminder: Reminder,
    state: str,
    *,
    problem: str = "",
    link: AccessLink | None = None,
) -> None:
    reminder.state, reminder.problem, reminder.link = state, problem[:200], link
    reminder.ended_at, reminder.lease_until = timezone.now(), None
    Reminder.objects.filter(pk=reminder.pk, state=State.DUE).update(
        state=state,
        problem=reminder.problem,
        link=link,
        ended_at=reminder.ended_at,
        lease_until=None,
    )


def _book_cut_off(reminder: Reminder) -> None:
    with transaction.atomic():
        _book(reminder, State.SENT, problem=CUT_OFF)
        _record("reminder.unsure", reminder.request, by=Actor.task("remind"))


def _record(action: str, request: AccessRequest, *, by: Actor, **data: str) -> None:
    record(action, by=by, subject=request, client=request.client, data=data)
