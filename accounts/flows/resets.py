"""A colleague's second factor, taken off by two people: one asks, another does it.

Whoever could do it alone could become that colleague, so neither of the two was added
or changed within the week. Asking and doing are told to the colleague by letter, to an
address as old as that: neither happens behind their back. Where no two people can,
`manage.py reset_second_factor` does it on the server.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.flows import approvals
from accounts.letters import send_letter
from accounts.models import Approval, FactorReset, User
from accounts.roles import manages_people
from accounts.trail import Actor, record

Decision = Approval.Decision

ON_THE_SERVER = "The operator can at once: manage.py reset_second_factor on the server."
JUST_CHANGED = (
    "You were added, or your address, role or last day changed, less than a week ago:"
    " another access owner {acts}. " + ON_THE_SERVER
)
JUST_MOVED = (
    "The address, role or last day of {user} changed less than a week ago, so this"
    " waits until the week is over. " + ON_THE_SERVER
)
ASKER_IS_OUT = (
    "{asker}, who asked, no longer manages colleagues or was changed since. Leave the"
    " factor, then another access owner asks anew."
)
TOO_OLD = "This was asked more than three days ago: somebody asks anew."


class CannotReset(Exception):
    """Says in a sentence why not, and who acts instead."""


def open_reset(user: User) -> FactorReset | None:
    """Return what is asked about them and not over yet."""
    return (
        FactorReset.objects.filter(user=user, closed_at__isnull=True)
        .filter(asked_at__gt=timezone.now() - FactorReset.GOOD_FOR)
        .select_related("user", "approval__asked_by")
        .first()
    )


def why_never(user: User, by: User) -> str:
    """Return in a sentence why this is not for `by` to ask; "" if it is."""
    if not manages_people(by):
        return "An access owner asks for this."
    if user.pk == by.pk:
        return "This is your own second factor, so somebody else asks."
    if not Authenticator.objects.filter(user=user).exists():
        return f"{user} has no second factor; they add one when they sign in."
    return ""


def why_not_ask(user: User, by: User) -> str:
    """Return in a sentence why `by` may not ask now; "" if they may."""
    if no := why_never(user, by):
        return no
    return _why_not_now(user) if by.is_known else JUST_CHANGED.format(acts="asks")


def _why_not_now(user: User) -> str:
    """A letter to an address given a moment ago would warn nobody."""
    is_moved = user.changed_at is not None and not user.is_known
    return JUST_MOVED.format(user=user) if is_moved else ""


def ask(user: User, *, reason: str, by: User) -> FactorReset:
    """Put it to another person, and tell the colleague by letter.

    Raises CannotReset, and LetterRefused once it is booked.
    """
    if no := why_not_ask(user, by):
        raise CannotReset(no)
    try:
        with transaction.atomic():
            _let_lapse(user)
            what = {"second_factor_of": user.pk}
            approval = approvals.ask(what=what, asked_by=by)
            reset = FactorReset.objects.create(
                user=user, approval=approval, reason=reason
            )
            _tell("asked", reset, by=Actor.staff(by))
    except IntegrityError as twice:
        raise CannotReset(
            "This is asked for already; another person does it."
        ) from twice
    _write("second_factor_asked", reset, by)
    return reset


def why_not(reset: FactorReset, by: User) -> str:
    """Return in a sentence why `by` may not do it; "" if they may."""
    if reset.closed_at is not None:
        return "This was decided already."
    if not manages_people(by):
        return "An access owner does this."
    if reset.approval.asked_by_id == by.pk:
        return "You asked for this, so another access owner does it."
    if reset.user_id == by.pk:
        return "This is your own second factor, so somebody else does it."
    if reset.is_over:
        return TOO_OLD
    if not by.is_known:
        return JUST_CHANGED.format(acts="does it")
    asker = reset.approval.asked_by
    if not (asker.may_sign_in and manages_people(asker) and asker.is_known):
        return ASKER_IS_OUT.format(asker=asker)
    return _why_not_now(reset.user)


def carry_out(reset: FactorReset, *, by: User) -> None:
    """Take every factor off, end every open session, tell the colleague by letter.

    Raises CannotReset, and LetterRefused once it is done.
    """
    with transaction.atomic():
        reset = _locked(reset)
        if no := why_not(reset, by):
            raise CannotReset(no)
        _close(reset, Decision.APPROVED, by)
        take_off(reset.user, reason=reset.reason, by=Actor.staff(by))
    _write("second_factor_reset", reset, by)


def drop(reset: FactorReset, *, by: User) -> None:
    """Leave the factor where it is: refused by another, or no longer wanted.

    Raises CannotReset.
    """
    with transaction.atomic():
        reset = _locked(reset)
        if reset.closed_at is not None or not manages_people(by):
            raise CannotReset(why_not(reset, by))
        is_own = reset.approval.asked_by_id == by.pk
        _close(reset, Decision.VOID if is_own else Decision.REFUSED, by)
        _tell("kept", reset, by=Actor.staff(by))


def take_off(user: User, *, reason: str, by: Actor) -> None:
    """Remove factors and codes and end sessions; call inside a transaction."""
    kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    data = {"reason": reason, "kinds": sorted(set(kinds))}
    record("second_factor.reset", by=by, subject=user, data=data)
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()


def _locked(reset: FactorReset) -> FactorReset:
    rows = FactorReset.objects.select_for_update(of=("self",))
    return rows.select_related("user", "approval__asked_by").get(pk=reset.pk)


def _let_lapse(user: User) -> None:
    """Close what nobody did in time, so that it can be asked for anew."""
    for reset in FactorReset.objects.filter(user=user, closed_at__isnull=True):
        if reset.is_over:
            _close(reset, Decision.VOID)
            _tell("lapsed", reset, by=Actor.system())


def _close(reset: FactorReset, decision: Decision, by: User | None = None) -> None:
    """Nobody decides about what they asked for themselves: then nobody is named."""
    approval, now = reset.approval, timezone.now()
    approval.decision = decision
    approval.decided_by = None if decision == Decision.VOID else by
    approval.decided_at = now
    approval.save()
    reset.closed_at = now
    reset.save(update_fields=["closed_at"])


def _tell(step: str, reset: FactorReset, *, by: Actor) -> None:
    data = {"reason": reset.reason, "asked_by": str(reset.approval.asked_by)}
    record(f"second_factor.{step}", by=by, subject=reset.user, data=data)


def _write(letter: str, reset: FactorReset, by: User) -> None:
    """Raises LetterRefused; what was booked stays booked."""
    context = {"user": reset.user, "by": by, "asked_by": reset.approval.asked_by}
    send_letter(letter, to=reset.user.email, context=context)
