"""Book on which day somebody saw a center admin's two-step sign-in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts import rows
from accounts.admin.pages import colleague, draw
from accounts.admin.seat_forms import AttestForm
from accounts.admin.seat_pages import center_url, crumbs, seat_of
from accounts.flows import practices
from accounts.ladder import role_of


def attest(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Book on which day somebody saw a center admin's two-step sign-in."""
    seat = seat_of(request, pk)
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
            "crumbs": crumbs(seat.asset),
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
