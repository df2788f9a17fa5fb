"""Invite to a seat in our center, change it, give finances, take it away, attest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts import rows
from accounts.admin.pages import colleague, crumbs_to, draw
from accounts.admin.seat_forms import (
    AttestForm,
    FinanceForm,
    InviteForm,
    RemoveForm,
    SeatForm,
)
from accounts.admin.wishing import carried_on, is_sure
from accounts.flows import practices, seats
from accounts.flows.wishes import CannotWish, Wish
from accounts.ladder import role_of
from accounts.models import BusinessCenter, GrantChange, RoleGrant
from accounts.trail import Actor

Ask = Callable[[Wish], GrantChange | None]

MOST_NAMED = 12
SENDS = (
    "The platform mails an invitation to {email}. Nobody sits there before it is"
    " accepted and read back."
)
FIRST = "An access owner other than you says yes to exactly this."
PROOF = "The member list of {center} shows it."
ASKED = "An access owner decides. Until then nothing is sent."
BEGUN = "On its way. It is so when the member list of {center} shows it."
REMOVED = "On its way. It is over when {center} no longer lists it."
OUR_OWN = "A key of ours came with this login. Another one stays: {others}."


def may_change(request: HttpRequest) -> bool:
    """True for those who decide who sits in our centers."""
    return bool(request.user.has_perm("accounts.change_businesscenter"))


def center_url(center: Any) -> str:
    return reverse("admin:accounts_businesscenter_change", args=[center.pk])


def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form, then what it means, then the invitation or the question about it."""
    center = our_center(request, pk)
    form = InviteForm(
        request.POST or None,
        initial={"member": request.GET.get("member"), "role": "standard"},
        center=center,
    )

    def ask(wish: Wish) -> GrantChange:
        return seats.invite(center, form.person(), wish, user=colleague(request))

    def facts(wish: Wish) -> list[tuple[str, Any]]:
        name, email = form.whom()
        return [
            ("Who", f"{name}, {email}"),
            ("Seat", f"{wish.role.label if wish.role else ''} in {center}"),
            ("What is sent", SENDS.format(email=email)),
        ]

    return _asking(
        request,
        center,
        form,
        ask,
        facts,
        page={
            "title": f"Invite to {center}",
            "sentence": "A seat comes first; then they can be put on accounts.",
            "template": "accounts/invite.html",
        },
    )


def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Standard or Admin, for somebody who sits there."""
    seat = _seat(request, pk)
    if no := seats.why_not_change(seat):
        messages.warning(request, no)
        return redirect(center_url(seat.asset))
    form = SeatForm(request.POST or None, initial=_initial(seat), on="")
    return _asking(
        request,
        seat.asset,
        form,
        lambda wish: seats.change(seat, wish, user=colleague(request)),
        lambda wish: _facts(seat, role_of(seat), wish),
        page={
            "title": f"Change the seat of {seat.grantee}",
            "sentence": f"In {seat.asset}, held as {role_of(seat)}.",
            "grants": [rows.grant_row(seat)],
        },
    )


def finance(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What they may do with the center's finances: none, Analyst or Manager."""
    seat = _seat(request, pk)
    held = seats.finance_of(seat)
    if seat.state not in RoleGrant.HELD:
        words = {"holder": seat.grantee, "center": seat.asset}
        messages.warning(request, seats.NOT_SEATED.format(**words))
        return redirect(center_url(seat.asset))
    form = FinanceForm(request.POST or None, initial=_initial(held), on="")

    def ask(wish: Wish) -> GrantChange | None:
        if wish.role is not None:
            return seats.give_finance(seat, wish, user=colleague(request))
        by = Actor.staff(request.user)
        if held is None or not seats.remove(held, reason=wish.reason, by=by):
            raise CannotWish(seats.NOTHING_TO_TAKE)
        return None

    now = role_of(held) if held else "None"
    return _asking(
        request,
        seat.asset,
        form,
        ask,
        lambda wish: _facts(seat, now, wish),
        page={
            "title": f"Finance role of {seat.grantee}",
            "sentence": f"In {seat.asset}: {now}.",
            "shows_day": True,
            "approves": "An access owner approves every finance role.",
            "grants": [rows.grant_row(one) for one in (seat, held) if one],
        },
    )


def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show all that goes with a seat on GET; ask for it on POST."""
    seat = _seat(request, pk)
    back = center_url(seat.asset)
    if no := seats.why_not_remove(seat):
        messages.error(request, no)
        return redirect(back)
    form = RemoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason, by = form.cleaned_data["reason"], Actor.staff(request.user)
        try:
            begun = seats.remove(seat, reason=reason, by=by)
        except CannotWish as no_because:
            messages.error(request, str(no_because))
        else:
            done = REMOVED.format(center=seat.asset)
            messages.info(request, done if begun else seats.NOTHING_TO_TAKE)
        return redirect(back)
    is_invitation = seat.state in (RoleGrant.State.PENDING, RoleGrant.State.DRAFT)
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Take the invitation of {seat.grantee} back?"
            if is_invitation
            else f"Take {seat.grantee} out of {seat.asset}?",
            "sentence": "It is over when the center's member list no longer shows it.",
            "crumbs": _crumbs(seat.asset),
            "facts": _removal_facts(seat),
            "form": form,
            "button": "Take it back" if is_invitation else "Take them out",
            "tone": "danger",
            "back_url": back,
        },
    )


def attest(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Book on which day somebody saw a center admin's two-step sign-in."""
    seat = _seat(request, pk)
    back, member = center_url(seat.asset), seat.grantee.member
    if member is None:
        messages.warning(request, f"No list tells the address of {seat.grantee}.")
        return redirect(back)
    if member.user_id == request.user.pk:
        messages.warning(request, practices.IS_YOURS)
        return redirect(back)
    form = AttestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        seen_on = form.cleaned_data["seen_on"]
        practices.attest(member, seen_on, user=colleague(request))
        messages.info(request, f"Booked for {member}. It is due again in 90 days.")
        return redirect(back)
    seen_on = member.two_step_attested_on
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Two-step sign-in of {member}",
            "sentence": "No platform tells it. Look at it with them: their login's"
            " security settings show two steps switched on.",
            "crumbs": _crumbs(seat.asset),
            "facts": [
                ("Who", f"{member}, {member.email}"),
                ("Seat", f"{role_of(seat)} in {seat.asset}"),
                ("Seen last", rows.moment_cell(seen_on)),
            ],
            "form": form,
            "button": "I saw it",
            "back_url": back,
        },
    )


def our_center(request: HttpRequest, pk: UUID) -> Any:
    """Return a center of ours, for those who decide who sits there."""
    if not may_change(request):
        raise PermissionDenied
    ours = BusinessCenter.objects.filter(as_grantee__standing="ours")
    return get_object_or_404(ours, pk=pk)


def _seat(request: HttpRequest, pk: UUID) -> RoleGrant:
    if not may_change(request):
        raise PermissionDenied
    seats_ = rows.for_rows(RoleGrant.objects.filter(family=RoleGrant.Family.SEAT))
    seat: RoleGrant = get_object_or_404(
        seats_.select_related("grantee__member", "asset__as_grantee"), pk=pk
    )
    return seat


def _asking(
    request: HttpRequest,
    center: Any,
    form: SeatForm,
    ask: Ask,
    facts: Callable[[Wish], list[tuple[str, Any]]],
    *,
    page: dict[str, Any],
) -> HttpResponse:
    """Draw the form, then what it means; ask for it when that was agreed to."""
    if request.method == "POST" and form.is_valid():
        if not is_sure(request):
            return _preview(request, center, form, facts(form.wish()))
        try:
            asked = ask(form.wish())
        except CannotWish as no:
            form.add_error(None, str(no))
        else:
            waits = asked is not None and asked.approval is not None
            done = ASKED if waits else BEGUN.format(center=center)
            messages.info(request, done)
            return redirect(center_url(center))
    page = {"form": form, "crumbs": _crumbs(center), **page}
    page |= {"back_url": center_url(center)}
    template = page.pop("template", "accounts/wish.html")
    return draw(request, template, page, status=400 if form.errors else 200)


def _preview(
    request: HttpRequest, center: Any, form: SeatForm, facts: list[tuple[str, Any]]
) -> HttpResponse:
    wish, waits = form.wish(), form.asks_for_admin()
    more = [("Why", wish.reason)]
    if waits:
        more += [("Until", rows.moment_cell(wish.ends_on)), ("First", FIRST)]
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": form.question,
            "sentence": "It is so when a read from our side shows it, not before.",
            "crumbs": _crumbs(center),
            "facts": [*facts, *more, ("Proof", PROOF.format(center=center))],
            "form": carried_on(form),
            "button": "Send it to an access owner" if waits else form.button,
            "back_url": center_url(center),
        },
    )


def _facts(seat: RoleGrant, now: str, wish: Wish) -> list[tuple[str, Any]]:
    return [
        ("Who", _named(seat)),
        ("Now", now),
        ("Then", wish.role.label if wish.role else "None"),
    ]


def _named(seat: RoleGrant) -> str:
    member = seat.grantee.member
    return f"{seat.grantee}, {member.email}" if member else str(seat.grantee)


def _initial(grant: RoleGrant | None) -> dict[str, Any]:
    if grant is None:
        return {"role": "none"}
    role = grant.asked_role or grant.observed_role
    return {"role": role, "ends_on": grant.ends_on}


def _removal_facts(seat: RoleGrant) -> list[tuple[str, Any]]:
    held = seats.held_by(seat).select_related("asset", "grantee")
    named = [
        f"{one.asset}, {role_of(one)}" if not one.is_in_center else "its finance role"
        for one in held[:MOST_NAMED]
    ]
    more = held.count() - len(named)
    goes = "; ".join(named) + (f"; and {more} more" if more else "")
    facts = [
        ("Who", _named(seat)),
        ("Seat", f"{role_of(seat) or 'no role read yet'} in {seat.asset}"),
        ("Goes along", f"{goes}." if goes else "Nothing: no account is read for it."),
    ]
    keys = seats.keys_without(seat)
    if keys is not None:
        facts.append(("Our keys", OUR_OWN.format(others=", ".join(map(str, keys)))))
    return [*facts, ("Proof", PROOF.format(center=seat.asset))]


def _crumbs(center: Any) -> list[dict[str, str]]:
    noun = "Business Centers"
    return crumbs_to("businesscenter", noun, center, center_url(center))


def acts(request: HttpRequest, seat: RoleGrant) -> list[dict[str, Any]]:
    """Return the buttons of a seat's own page, for those who may press them."""
    if not seat.is_in_center or not may_change(request):
        return []
    if seat.family == RoleGrant.Family.FINANCE:
        return []
    offered = [] if seats.why_not_change(seat) else [_link("Change", "seat", seat)]
    if seat.state in RoleGrant.HELD:
        offered.append(_link("Finance role", "finance", seat))
    if seats.why_not_remove(seat) != seats.NOTHING_TO_TAKE:
        offered.append({**_link("Remove", "seat_remove", seat), "tone": "bad"})
    return offered


def _link(label: str, name: str, seat: RoleGrant) -> dict[str, Any]:
    return {"label": label, "url": reverse(f"admin:accounts_{name}", args=[seat.pk])}
