"""Invite to a seat in our center, change it, give or take a finance role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import rows
from accounts.admin.pages import colleague, draw
from accounts.admin.seat_forms import FinanceForm, InviteForm, SeatForm
from accounts.admin.seat_pages import center_url, crumbs, named, our_center, seat_of
from accounts.admin.wishing import carried_on, is_sure
from accounts.flows import seat_rules, seats
from accounts.flows.wishes import CannotWish, Wish
from accounts.ladder import role_of
from accounts.models import GrantChange, RoleGrant
from accounts.trail import Actor

Ask = Callable[[Wish], GrantChange | None]

SENDS = (
    "The platform mails an invitation to {email}. Nobody sits there before it is"
    " accepted and read back."
)
FIRST = "An access owner other than you says yes to exactly this."
PROOF = "The member list of {center} shows it."
ASKED = "An access owner decides. Until then nothing is sent."
BEGUN = "On its way. It is so when the member list of {center} shows it."


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
    seat = seat_of(request, pk)
    if no := seat_rules.why_not_change(seat):
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
    seat = seat_of(request, pk)
    held = seats.finance_of(seat)
    if seat.state not in RoleGrant.HELD:
        words = {"holder": seat.grantee, "center": seat.asset}
        messages.warning(request, seat_rules.NOT_SEATED.format(**words))
        return redirect(center_url(seat.asset))
    form = FinanceForm(request.POST or None, initial=_initial(held), on="")

    def ask(wish: Wish) -> GrantChange | None:
        if wish.role is not None:
            return seats.give_finance(seat, wish, user=colleague(request))
        by = Actor.staff(request.user)
        if held is None:
            raise CannotWish(seat_rules.NOTHING_TO_TAKE)
        seats.remove(held, reason=wish.reason, by=by)
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
    page = {"form": form, "crumbs": crumbs(center), **page}
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
            "crumbs": crumbs(center),
            "facts": [*facts, *more, ("Proof", PROOF.format(center=center))],
            "form": carried_on(form),
            "button": "Send it to an access owner" if waits else form.button,
            "back_url": center_url(center),
        },
    )


def _facts(seat: RoleGrant, now: str, wish: Wish) -> list[tuple[str, Any]]:
    return [
        ("Who", named(seat)),
        ("Now", now),
        ("Then", wish.role.label if wish.role else "None"),
    ]


def _initial(grant: RoleGrant | None) -> dict[str, Any]:
    if grant is None:
        return {"role": "none"}
    role = grant.asked_role or grant.observed_role
    return {"role": role, "ends_on": grant.ends_on}
