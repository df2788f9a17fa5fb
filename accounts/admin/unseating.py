"""Take somebody out of our center, or an invitation back: first, what goes along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.admin.pages import draw
from accounts.admin.seat_forms import RemoveForm
from accounts.admin.seat_pages import center_url, crumbs, named, seat_of
from accounts.flows import key_seats, seat_rules, seats
from accounts.flows.wishes import CannotWish
from accounts.ladder import role_of
from accounts.models import RoleGrant
from accounts.trail import Actor

State = RoleGrant.State

MOST_NAMED = 12
INVITED = (State.DRAFT, State.REQUESTING, State.PENDING)
REMOVED = "On its way. It is over when {center} no longer lists it."
BY_A_READ = "It is over when the center's member list no longer shows it."
AT_ONCE = "The platform knows nothing of it, so it is over at once."
PROOF = "The member list of {center} shows it no more."
OUR_OWN = "A key of ours came with this login. Another one stays: {others}."


def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show all that goes with a seat on GET; ask for it on POST."""
    seat = seat_of(request, pk)
    back = center_url(seat.asset)
    if no := seat_rules.why_not_remove(seat):
        messages.error(request, no)
        return redirect(back)
    is_over = seat_rules.is_nowhere(seat)
    form = RemoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason, by = form.cleaned_data["reason"], Actor.staff(request.user)
        try:
            seats.remove(seat, reason=reason, by=by)
        except CannotWish as no_because:
            messages.error(request, str(no_because))
        else:
            done = "It is over." if is_over else REMOVED.format(center=seat.asset)
            messages.info(request, done)
        return redirect(back)
    proof = ("Proof", PROOF.format(center=seat.asset))
    is_invitation = not seat.is_held and seat.state in INVITED
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Take the invitation of {seat.grantee} back?"
            if is_invitation
            else f"Take {seat.grantee} out of {seat.asset}?",
            "sentence": AT_ONCE if is_over else BY_A_READ,
            "crumbs": crumbs(seat.asset),
            "facts": [*_removal_facts(seat), *([] if is_over else [proof])],
            "form": form,
            "button": "Take it back" if is_invitation else "Take them out",
            "tone": "danger",
            "back_url": back,
        },
    )


def _removal_facts(seat: RoleGrant) -> list[tuple[str, Any]]:
    held = seats.held_by(seat).select_related("asset", "grantee")
    shown = [
        f"{one.asset}, {role_of(one)}" if not one.is_in_center else "its finance role"
        for one in held[:MOST_NAMED]
    ]
    more = held.count() - len(shown)
    goes = "; ".join(shown) + (f"; and {more} more" if more else "")
    facts = [
        ("Who", named(seat)),
        ("Seat", f"{role_of(seat) or 'No role yet'} in {seat.asset}"),
        ("Goes along", f"{goes}." if goes else "Nothing: no account is read for it."),
    ]
    keys = key_seats.left_without(seat)
    if keys is not None:
        facts.append(("Our keys", OUR_OWN.format(others=", ".join(map(str, keys)))))
    return facts
