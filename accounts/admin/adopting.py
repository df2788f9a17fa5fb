"""Adopt what was found, one or many: whose, at which role, why; seen before it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts import rows
from accounts.admin.pages import colleague, draw, grant_url
from accounts.admin.wishing import AdoptForm, carried_on, is_sure
from accounts.flows import adopting, wishes
from accounts.ladder import role_of
from accounts.models import GrantChange, RoleGrant
from accounts.platforms.roles import Role
from accounts.roles import is_access_owner

State = RoleGrant.State

# More at once nobody reads before they say yes.
MOST_AT_ONCE = 100

NOTHING = "Nothing to adopt here: wanted already, being decided, or gone."
TOO_MANY = "At most {most} are adopted at once. Narrow the list first."
LEFT_OUT = "{n} of them are wanted, being decided or gone, and left out."
OTHERWISE = (
    "What is held at another role ({n}) stands as Drifted until it is changed: {who}"
    " does that, with Change the role on the grant's page."
)
ADOPTED = "{n} adopted. Green when a read shows the role."
ASKED = "{n} wait for an access owner, in one question."


def act(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Return the button of a found grant, for those who may press it."""
    may = request.user.has_perm("accounts.add_grantchange")
    if not may or grant.state != State.FOUND or grant.changes.open().exists():
        return None
    url = f"{reverse('admin:accounts_adopt')}?grants={grant.pk}"
    return {"label": "Adopt", "icon": "check", "url": url, "is_main": True}


def adopt(request: HttpRequest) -> HttpResponse:
    """Adopt the grants named by `grants`, or all found of the `client` named."""
    found = _named(request)
    if not request.user.has_perm("accounts.add_grantchange"):
        raise PermissionDenied
    return page(request, found, is_filled="reason" in request.POST)


def page(
    request: HttpRequest, chosen: QuerySet[RoleGrant], *, is_filled: bool = False
) -> HttpResponse:
    """The form, then what it means, then the adoption; `chosen` are visible ones."""
    named = RoleGrant.objects.filter(pk__in=chosen.values("pk"))
    grants = list(
        rows.for_rows(named).order_by("asset__name", "pk")[: MOST_AT_ONCE + 1]
    )
    undecided = GrantChange.objects.open().filter(grant__in=grants)
    waiting = set(undecided.values_list("grant", flat=True))
    found = [
        grant
        for grant in grants
        if grant.state == State.FOUND and grant.pk not in waiting
    ]
    if not found or len(grants) > MOST_AT_ONCE:
        too_many = TOO_MANY.format(most=MOST_AT_ONCE)
        messages.warning(request, too_many if found else NOTHING)
        return redirect("admin:accounts_rolegrant_changelist")
    form = _form(request, found, is_filled=is_filled)
    if is_filled and form.is_valid():
        if not is_sure(request):
            return _preview(request, found, form)
        try:
            changes = adopting.adopt(
                found,
                form.wish(),
                digest=request.POST.get("digest", ""),
                user=colleague(request),
            )
        except wishes.CannotWish as no:
            form.add_error(None, str(no))
        else:
            _say(request, changes)
            return redirect(_back(found))
    return draw(
        request,
        "accounts/wish.html",
        {
            "title": "Adopt what was found",
            "sentence": LEFT_OUT.format(n=len(grants) - len(found))
            if len(grants) > len(found)
            else "It is held, and nobody asked for it. Say why it should be.",
            "crumbs": _crumbs(),
            "form": form,
            "form_url": reverse("admin:accounts_adopt"),
            "chosen": _keys(found),
            "shows_day": form.has_admin,
            "grants": [rows.grant_row(grant) for grant in found],
            "back_url": _back(found),
        },
        status=400 if form.errors else 200,
    )


def _named(request: HttpRequest) -> QuerySet[RoleGrant]:
    """Return what the address or the form names; a stranger's grant answers 404."""
    told = request.POST if request.method == "POST" else request.GET
    visible: QuerySet[RoleGrant] = RoleGrant.objects.visible_to(request.user)
    try:
        if "client" in told and "grants" not in told:
            return visible.filter(asset__client=UUID(told["client"]), state=State.FOUND)
        keys = {
            UUID(key) for value in told.getlist("grants") for key in value.split(",")
        }
    except (ValueError, ValidationError):
        raise Http404 from None
    named = visible.filter(pk__in=keys)
    if named.count() != len(keys):
        raise Http404
    return named


def _form(
    request: HttpRequest, found: Sequence[RoleGrant], *, is_filled: bool
) -> AdoptForm:
    return AdoptForm(
        request.POST if is_filled else None,
        initial={"client": request.GET.get("whose")},
        on=found[0].asset.platform,
        user=request.user,
        names_client=is_access_owner(request.user)
        and not all(map(adopting.whose, found)),
        has_admin=any(
            wishes.needs_approval(grant, grant.observed_role) for grant in found
        ),
        has_seats=any(grant.is_in_center for grant in found),
    )


def _preview(
    request: HttpRequest, found: Sequence[RoleGrant], form: AdoptForm
) -> HttpResponse:
    wish = form.wish()
    wanted = {grant: adopting.role_for(grant, wish) for grant in found}
    waiting = [one for one in found if wishes.needs_approval(one, wanted[one])]
    facts = [("What", _each(found, wanted, wish)), ("Why", wish.reason)]
    if waiting:
        ends = rows.moment_cell(wish.ends_on)
        first = f"An access owner other than you decides about {len(waiting)}"
        facts += [("Admin until", ends), ("First", f"{first}, in one question.")]
    facts.append(("Then", "Each is read back. It is green when held as wanted."))
    if others := [one for one in found if wanted[one] != one.observed_role]:
        facts.append(("Until then", _drifts(others, wish)))
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"Adopt {len(found)}?" if len(found) > 1 else "Adopt it?",
            "sentence": "Nothing is asked of the platform, and nothing turns green by"
            " it alone.",
            "crumbs": _crumbs(),
            "facts": facts,
            "form": carried_on(
                form, grants=_keys(found), digest=adopting.preview(found, wish)
            ),
            "button": "Send it to an access owner"
            if len(waiting) == len(found)
            else "Adopt",
            "back_url": _back(found),
        },
    )


def _each(
    found: Sequence[RoleGrant], wanted: Mapping[RoleGrant, Role], wish: wishes.Wish
) -> SafeString:
    """Say of each what becomes of it."""
    lines = (
        (
            grant.asset,
            grant.asset.client or wish.client or "Ours",
            f"{grant.grantee} as {wanted[grant].label}, held as {role_of(grant)}",
        )
        for grant in found
    )
    return format_html_join("", "<p>{}<br><small>{}: {}</small></p>", lines)


def _drifts(others: Sequence[RoleGrant], wish: wishes.Wish) -> str:
    """Say what adopting alone does not change, and who does."""
    clients = filter(None, (one.asset.client or wish.client for one in others))
    who = {str(client.acts or "the account manager") for client in clients}
    return OTHERWISE.format(
        n=len(others), who=" or ".join(sorted(who)) or "the account manager"
    )


def _say(request: HttpRequest, changes: Sequence[GrantChange]) -> None:
    waiting = sum(change.approval is not None for change in changes)
    if adopted := len(changes) - waiting:
        messages.info(request, ADOPTED.format(n=adopted))
    if waiting:
        messages.info(request, ASKED.format(n=waiting))


def _keys(found: Sequence[RoleGrant]) -> str:
    return ",".join(str(grant.pk) for grant in found)


def _back(found: Sequence[RoleGrant]) -> str:
    """Return the page of the one grant, of the one client, or the list."""
    clients = {grant.asset.client_id for grant in found}
    if len(found) == 1:
        return grant_url(found[0])
    if len(clients) == 1 and (client := clients.pop()):
        return reverse("admin:accounts_client_change", args=[client])
    return reverse("admin:accounts_rolegrant_changelist")


def _crumbs() -> list[dict[str, str]]:
    listing = reverse("admin:accounts_rolegrant_changelist")
    return [{"label": "Role grants", "url": listing}]
