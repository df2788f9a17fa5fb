"""Take a grant back: what it means first, then why; and what the client has to do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import capfirst

from accounts import rows
from accounts.admin.pages import crumbs_to, draw, grant_url
from accounts.fixes import words_of
from accounts.flows import unassigning, unsharing, withdrawing
from accounts.flows.sharing import clients_key
from accounts.ladder import role_of, who_acts
from accounts.models import Connection, RoleGrant
from accounts.trail import Actor

MOST_NAMES = 5

WITH_KEY = "With {key}: {platform} is asked to stop sharing it."
WITHOUT_KEY = (
    "No key of {client} reaches it. Our people are taken off now; {client} ends the"
    " share in its own Business Center. The steps and a letter are on the next page."
)
UPON_REQUEST = (
    "{client} gave it by approving our request. Our people are taken off now; {client}"
    " ends the access. The steps and a letter are on the next page."
)
WITH_OURS = "With our own key: {center} takes {person} off it."
PARTNERSHIP = (
    "Whether shares in the other direction end with it, {platform} does not say."
    " The portal knows of no other share from {giver}."
)
BY_US = (
    " Our own key asks for it; whether {platform} lets the receiving side do so is not"
    " confirmed. If it refuses, {client} is asked instead."
)
STEPS = (
    "{client} signs in to Business Center {giver} ({giver_id}) as an admin.",
    "Under Partners, {client} opens {receiver} ({receiver_id}).",
    "Under Ad accounts, {client} removes {account} ({account_id}).",
    "The portal reads on and closes this by itself. Read back now asks at once.",
)
STEPS_OF_A_REQUEST = (
    "{client} signs in to {platform} as an admin of {account} ({account_id}).",
    "Where it approved our request, {client} ends the access of {receiver}"
    " ({receiver_id}). It is no share, so it does not stand under Partners.",
    STEPS[-1],
)


class TakeBackForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=300,
        help_text="One sentence for the trail.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    ends_partner = forms.BooleanField(
        label="Also end the partnership of the two Business Centers", required=False
    )

    def __init__(self, grant: RoleGrant, key: Connection | None, data: Any) -> None:
        super().__init__(data)
        if not _ends_a_partnership(grant):
            del self.fields["ends_partner"]
            return
        words = words_of(grant)
        more = "" if key else BY_US.format(**words)
        self.fields["ends_partner"].help_text = PARTNERSHIP.format(**words) + more


def _ends_a_partnership(grant: RoleGrant) -> bool:
    """True for the last share of a partner: the partnership may end with it."""
    is_share = not (grant.is_placed or unassigning.is_by_request(grant))
    return is_share and unsharing.is_last_share(grant)


def act(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Return the button, for those who may press it while something is held."""
    may = request.user.has_perm("accounts.change_rolegrant")
    if not may or not withdrawing.can_be_taken_back(grant):
        return None
    url = reverse("admin:accounts_rolegrant_take_back", args=[grant.pk])
    return {"label": "Take back", "icon": "revoking", "url": url, "tone": "bad"}


def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what it means on GET; commit it on POST, a task carries it out."""
    visible = RoleGrant.objects.visible_to(request.user)
    grant: RoleGrant = get_object_or_404(
        rows.for_rows(visible).select_related("via__grantee"), pk=pk
    )
    if not request.user.has_perm("accounts.change_rolegrant"):
        raise PermissionDenied
    if not withdrawing.can_be_taken_back(grant):
        messages.warning(request, "There is nothing to take back here now.")
        return redirect(grant_url(grant))
    key = clients_key(grant, even_ending=True)
    form = TakeBackForm(grant, key, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _taken_back(request, grant, form.cleaned_data)
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Take {grant.asset} back from {grant.grantee}?",
            "sentence": "It is over when our own side no longer lists it.",
            "crumbs": crumbs_to("rolegrant", "Role grants", grant, grant_url(grant)),
            "facts": _facts(request, grant, key),
            "form": form,
            "button": "Take it back",
            "tone": "danger",
            "back_url": grant_url(grant),
        },
    )


def _taken_back(
    request: HttpRequest, grant: RoleGrant, said: dict[str, Any]
) -> HttpResponse:
    begun = withdrawing.withdraw(
        grant,
        reason=said["reason"],
        ends_partner=said.get("ends_partner", False),
        by=Actor.staff(request.user),
    )
    if begun:
        messages.info(request, "On its way down. The portal reads until it is gone.")
    else:
        messages.warning(request, "Somebody was faster: it is being taken back.")
    return redirect(grant_url(grant))


def _facts(
    request: HttpRequest, grant: RoleGrant, key: Connection | None
) -> list[tuple[str, Any]]:
    words = words_of(grant)
    facts = [
        ("Holder", f"{grant.grantee}, {role_of(grant) or 'no role read yet'}"),
        ("Account", f"{grant.asset}, {grant.asset.external_id}"),
        ("Client", rows.whose(grant.asset)),
    ]
    if grant.via is not None and grant.is_placed:
        center, person = grant.via.grantee, grant.grantee
        return [
            *facts,
            ("How", WITH_OURS.format(center=center, person=person)),
            ("Stays", f"{center} goes on holding it, and everybody else in it."),
            ("Proof", f"The account's list of people no longer shows {person}."),
        ]
    sees_keys = request.user.has_perm("accounts.view_connection")
    named = f"the key of {key}" if sees_keys else "the client's key"
    is_by_request = unassigning.is_by_request(grant)
    without_key = UPON_REQUEST if is_by_request else WITHOUT_KEY
    how = WITH_KEY.format(key=named, **words) if key else without_key.format(**words)
    return [
        *facts,
        ("How", how),
        ("Who loses it", people_by(grant)),
        *([] if is_by_request else [("Other shares", _others(grant))]),
        ("Proof", f"The lists of {grant.grantee} no longer show the account."),
    ]


def people_by(grant: RoleGrant) -> str:
    """Name our people who hold a role by this grant."""
    people = grant.under.live().select_related("grantee").order_by("grantee__label")
    names = [str(one.grantee) for one in people[:MOST_NAMES]]
    more = people.count() - len(names)
    if not names:
        return f"{grant.grantee}. None of our people has been read on it."
    return ", ".join(names) + (f" and {more} more." if more else ".")


def _others(grant: RoleGrant) -> str:
    if grant.asset.center is None:
        return "The center that owns it has not been read."
    if unsharing.is_last_share(grant):
        return f"None: the last account {grant.asset.center} shares with us."
    return f"{grant.asset.center} goes on sharing others with us."


def client_ends(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Return the steps and the letter while only the client can end a share."""
    if grant.is_placed or not withdrawing.is_in_hands(grant):
        return None
    words = words_of(grant)
    is_by_request = unassigning.is_by_request(grant)
    steps = STEPS_OF_A_REQUEST if is_by_request else STEPS
    return {
        "tone": "wait",
        "happened": grant.problem,
        "who": who_acts(grant),
        "since": grant.since,
        "due_on": grant.due_on,
        "steps": [capfirst(step.format(**words)) for step in steps],
        "letter": render_to_string(
            "letters/end_share.txt",
            {**words, "grant": grant, "is_by_request": is_by_request},
            request,
        ),
    }
