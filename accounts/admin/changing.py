"""Change the role of a grant: what is wanted, what that means, and the yes to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts import rows
from accounts.admin.pages import colleague, crumbs_to, draw, grant_url
from accounts.admin.taking_back import people_by
from accounts.admin.wishing import WishForm, carried_on, is_sure
from accounts.fixes import words_of
from accounts.flows import approvals, changing, wishes
from accounts.flows.reads import BY_WEBSITE
from accounts.flows.sharing import clients_key
from accounts.ladder import role_of
from accounts.models import GrantChange, RoleGrant
from accounts.platforms.roles import Role

WITH_KEY = (
    "With {key}: {platform} is asked to make it {role}. If a read still shows {held},"
    " the share is taken back and made anew; for that moment nothing is held."
)
WITHOUT_KEY = (
    "No key of {client} reaches it, so {client} sets it in its own Business Center."
    " The steps and a letter are on the next page."
)
BY_HAND = (
    "It was given on {platform}'s website, and is changed there by {client}. The steps"
    " and a letter are on the next page."
)
AS_HELD = "It is held as {role} already. Nothing is asked of anybody; a read proves it."
IF_MADE_ANEW = "{people} If the share is made anew, they are assigned again by hand."
ASKED = "An access owner decides. Until then it stays as it is."
BEGUN = "On its way. It is {role} when a read shows it."


def act(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Return the button, for those who may press it while the role may be changed."""
    may = request.user.has_perm("accounts.add_grantchange")
    if not may or changing.why_not(grant):
        return None
    url = reverse("admin:accounts_rolegrant_role", args=[grant.pk])
    return {"label": "Change the role", "icon": "drifted", "url": url}


def banner(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Say that somebody has to decide, and offer it to those who may."""
    waiting = waiting_on(grant)
    if waiting is None or waiting.approval is None:
        return None
    may_decide = not approvals.why_not(waiting.approval, request.user)
    url = reverse("admin:accounts_decide", args=[waiting.approval_id])
    return {
        "tone": "wait",
        "icon": "pending-admin",
        "title": f"Next: an access owner decides about {waiting.get_role_display()}.",
        "sentence": f"Somebody other than {waiting.asked_by}. Until then it stays as"
        " it is.",
        "act": {"label": "See and decide" if may_decide else "See it", "url": url},
    }


def waiting_on(grant: RoleGrant) -> GrantChange | None:
    asked = grant.changes.waiting().select_related("approval", "asked_by")
    return asked.first()


def change_role(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form, then what it means, then the change or the question about it."""
    visible = rows.for_rows(RoleGrant.objects.visible_to(request.user))
    grant: RoleGrant = get_object_or_404(visible, pk=pk)
    if not request.user.has_perm("accounts.add_grantchange"):
        raise PermissionDenied
    if no := changing.why_not(grant):
        messages.warning(request, no)
        return redirect(grant_url(grant))
    initial = {"role": grant.asked_role, "ends_on": grant.ends_on}
    form = WishForm(request.POST or None, initial=initial, on=grant.asset.platform)
    if request.method == "POST" and form.is_valid():
        if not is_sure(request):
            return _preview(request, grant, form)
        try:
            change = changing.change_role(grant, form.wish(), user=colleague(request))
        except wishes.CannotWish as no_because:
            form.add_error(None, str(no_because))
        else:
            waits = change.approval is not None
            messages.info(
                request,
                ASKED if waits else BEGUN.format(role=change.get_role_display()),
            )
            return redirect(grant_url(grant))
    return draw(
        request,
        "accounts/wish.html",
        {
            "title": f"Change the role of {grant.grantee}",
            "sentence": f"On {grant.asset}, held as {role_of(grant)}.",
            "crumbs": crumbs_to("rolegrant", "Role grants", grant, grant_url(grant)),
            "form": form,
            "grants": [rows.grant_row(grant)],
            "back_url": grant_url(grant),
        },
        status=400 if form.errors else 200,
    )


def _preview(request: HttpRequest, grant: RoleGrant, form: WishForm) -> HttpResponse:
    wish = form.wish()
    assert wish.role is not None
    waits = wishes.needs_approval(grant, wish.role)
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"{wish.role.label} instead of {role_of(grant)}?",
            "sentence": "It is so when a read from our side shows it, not before.",
            "crumbs": crumbs_to("rolegrant", "Role grants", grant, grant_url(grant)),
            "facts": _facts(request, grant, wish, waits=waits),
            "form": carried_on(form),
            "button": "Send it to an access owner" if waits else "Change the role",
            "back_url": grant_url(grant),
        },
    )


def _facts(
    request: HttpRequest, grant: RoleGrant, wish: wishes.Wish, *, waits: bool
) -> list[tuple[str, Any]]:
    assert wish.role is not None
    facts = [
        ("Account", f"{grant.asset}, {grant.asset.external_id}"),
        ("Holder", f"{grant.grantee}, {grant.grantee.external_id}"),
        ("Client", rows.whose(grant.asset)),
        ("Why", wish.reason),
    ]
    if waits:
        facts += [
            ("Until", rows.moment_cell(wish.ends_on)),
            ("First", "An access owner other than you says yes to exactly this."),
        ]
    return [
        *facts,
        ("How", _how(request, grant, wish.role)),
        *_people(grant, wish.role),
        ("Proof", f"The lists of {grant.grantee} show it as {wish.role.label}."),
    ]


def _people(grant: RoleGrant, role: Role) -> list[tuple[str, str]]:
    """Name those who lose their place if the share has to be made anew."""
    is_left = role == grant.observed_role or grant.source in BY_WEBSITE
    if is_left or not grant.under.live().exists() or clients_key(grant) is None:
        return []
    people = people_by(grant)
    return [("Our people on it", IF_MADE_ANEW.format(people=people))]


def _how(request: HttpRequest, grant: RoleGrant, role: Role) -> str:
    key = clients_key(grant)
    sees_keys = request.user.has_perm("accounts.view_connection")
    words = {
        **words_of(grant),
        "key": f"the key of {key}" if sees_keys else "the client's key",
        "role": role.label,
        "held": role_of(grant),
    }
    if role == grant.observed_role:
        return AS_HELD.format(**words)
    if grant.source in BY_WEBSITE:
        return BY_HAND.format(**words)
    return (WITH_KEY if key else WITHOUT_KEY).format(**words)
