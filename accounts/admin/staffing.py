"""Put our people on accounts: choose, see what it means, then the intent of it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts import rows
from accounts.admin import seat_pages
from accounts.admin.client_grants import grants_of
from accounts.admin.pages import colleague, crumbs_to, draw, grant_url
from accounts.admin.staffing_form import (
    FIELD,
    StaffForm,
    Staffing,
    invite_url,
    left_out,
    roles_of,
)
from accounts.admin.wishing import is_sure
from accounts.flows import places, staffing
from accounts.flows.places import Kind, Weighed
from accounts.flows.wishes import CannotWish
from accounts.models import Client, Grantee, RoleGrant, Team

FILL, SEARCH = "fill", "q"
# More at once nobody reads before they say yes.
MOST_ACCOUNTS = 100

BEGUN = "{n} on the way. Each is on when a read shows it."
ASKED = "{n} wait for an access owner, in one question."
STAYS = "{n} were so already, or on the way there."
FIRST = "An access owner other than you decides about {n}, in one question."
PROOF = "Each account's list of people shows them, read by us."
LINES: dict[Kind, str] = {
    Kind.NEW: "{person} as {role}",
    Kind.OTHER: "{person} as {role}, another role than today's",
    Kind.STAYS: "{person} as {role} already, or on the way there",
    Kind.REFUSED: "",
}


@dataclass(frozen=True)
class Door:
    """Where the page was opened: on a client's page, or on one account's."""

    title: str
    crumbs: list[dict[str, str]]
    back_url: str
    client: Client | None


def client_act(request: HttpRequest, client: Client) -> dict[str, Any] | None:
    """Return the client's button, for those who may press it."""
    held = grants_of(client).first
    if not _may(request) or all(map(places.why_closed, held)):
        return None
    url = reverse("admin:accounts_client_staff", args=[client.pk])
    return {"label": "Staff the accounts", "icon": "person", "url": url}


def act(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Return the button of an account we hold, or of one of our people on it."""
    via = grant.via if grant.is_placed else grant
    if not _may(request) or via is None or not _is_centers(via):
        return None
    if places.why_closed(via):
        return None
    url = staff_url(grant)
    if via is grant:
        return {"label": "Put our people on it", "icon": "person", "url": url}
    return {"label": "Another role", "icon": "person", "url": url}


def staff_url(grant: RoleGrant) -> str:
    """Return where an account is staffed; for a person's grant, with them chosen."""
    url = reverse("admin:accounts_rolegrant_staff", args=[grant.via_id or grant.pk])
    return f"{url}?person={grant.grantee_id}" if grant.via_id else url


def staff_client(request: HttpRequest, pk: UUID) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    if not _may(request):
        raise PermissionDenied
    url = reverse("admin:accounts_client_change", args=[client.pk])
    return _page(
        request,
        _centers(request).live().filter(asset__client=client),
        Door(
            f"Put our people on {client}",
            crumbs_to("client", "Clients", client, url),
            url,
            client,
        ),
    )


def staff_account(request: HttpRequest, pk: UUID) -> HttpResponse:
    visible = rows.for_rows(RoleGrant.objects.visible_to(request.user))
    grant: RoleGrant = get_object_or_404(visible, pk=pk)
    if not _may(request):
        raise PermissionDenied
    if not _is_centers(grant):
        return redirect(grant_url(grant))
    url = grant_url(grant)
    crumbs = crumbs_to("rolegrant", "Role grants", grant, url)
    title = f"Put our people on {grant.asset}"
    door = Door(title, crumbs, url, grant.asset.client)
    return _page(request, _centers(request).filter(pk=grant.pk), door)


def _may(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("accounts.change_rolegrant"))


def _centers(request: HttpRequest) -> Any:
    visible = RoleGrant.objects.visible_to(request.user).filter(
        family=RoleGrant.Family.AD_ACCOUNT,
        via__isnull=True,
        grantee__kind=Grantee.Kind.CENTER,
    )
    return rows.for_rows(visible).order_by("asset__name", "pk")


def _is_centers(grant: RoleGrant) -> bool:
    is_account = grant.family == RoleGrant.Family.AD_ACCOUNT
    return is_account and grant.grantee.kind == Grantee.Kind.CENTER


def _page(request: HttpRequest, held: QuerySet[RoleGrant], door: Door) -> HttpResponse:
    """The form, then what it means, then the intents; one center's accounts a page."""
    receiving = Grantee.objects.filter(pk__in=held.order_by().values("grantee"))
    centers = list(receiving.select_related("center").order_by("label", "pk"))
    center = _chosen(request, centers, door.client)
    sought = request.GET.get(SEARCH, "").replace("\0", "").strip()
    of_center = _like(held.filter(grantee=center), sought)
    there = Staffing.of(center, list(of_center[:MOST_ACCOUNTS]))
    team = _team(request, door.client)
    refused: Sequence[Weighed] = ()
    is_sent = request.method == "POST" and FILL not in request.POST
    form = StaffForm(
        request.POST if is_sent else None,
        there=there,
        initial=_initial(request, there, team),
    )
    if is_sent and form.is_valid():
        weighed = places.weigh(form.places())
        refused = [one for one in weighed if one.kind == Kind.REFUSED]
        if not refused and not is_sure(request):
            return _preview(request, form, weighed, door)
        try:
            done = staffing.staff(
                form.places(),
                user=colleague(request),
                reason=form.cleaned_data["reason"],
                ends_on=form.cleaned_data["ends_on"],
            )
        except staffing.CannotStaff as no:
            refused = no.refused
        except CannotWish as no_because:
            form.add_error(None, str(no_because))
        else:
            _say(request, done)
            return redirect(door.back_url)
    return draw(
        request,
        "accounts/staff.html",
        {
            "title": door.title,
            "crumbs": door.crumbs,
            "back_url": door.back_url,
            "form": form,
            "center": center,
            "centers": [_tab(one, one == center) for one in centers],
            "accounts": there.account_rows(),
            "sought": sought,
            "total": of_center.count(),
            "ticked": form.ticked(),
            "people": form.person_rows(),
            "teams": Team.objects.all(),
            "team": team,
            "team_of": door.client if _is_usual(team, door.client) else None,
            "left_out": left_out(team, there),
            "refused": _refusals(refused),
            "invite_url": invite_url(center, None) if center else "",
            "may_invite": seat_pages.may_change(request),
        },
        status=400 if form.errors or refused else 200,
    )


def _like(held: QuerySet[RoleGrant], sought: str) -> QuerySet[RoleGrant]:
    """Narrow the accounts by name or id; nothing sought, all of them."""
    named = Q(asset__name__icontains=sought) | Q(asset__external_id=sought)
    return held.filter(named) if sought else held


def _chosen(
    request: HttpRequest, centers: Sequence[Grantee], client: Client | None
) -> Grantee | None:
    """Return the center asked for, else the client's own, else the first."""
    told = {**request.GET.dict(), **request.POST.dict()}.get("center")
    usual = client.default_center_id if client else None
    for wanted in (told, str(usual)):
        for center in centers:
            if str(center.pk) == wanted:
                return center
    return next(iter(centers), None)


def _team(request: HttpRequest, client: Client | None) -> Team | None:
    """Return the team picked, else the client's; a person's role is nobody else's."""
    if "person" in request.GET:
        return None
    if request.method != "POST":
        return client.team if client else None
    picked = request.POST.get("team", "")
    return next((team for team in Team.objects.all() if str(team.pk) == picked), None)


def _is_usual(team: Team | None, client: Client | None) -> bool:
    return bool(team and client and client.team_id == team.pk)


def _initial(
    request: HttpRequest, there: Staffing, team: Team | None
) -> dict[str, Any]:
    """Return what is filled in: every open account, the team or the one person."""
    ticked = [str(via.pk) for via in there.open]
    if FILL in request.POST:
        ticked = request.POST.getlist("accounts")
    roles = roles_of(team, there.people)
    if person := request.GET.get("person"):
        on = RoleGrant.objects.filter(via__in=there.open, grantee__in=there.people)
        for grant in on.exclude(state__in=RoleGrant.ENDED):
            if str(grant.grantee_id) == person:
                roles = {FIELD(person): grant.asked_role or grant.observed_role}
    return {"accounts": ticked, **roles}


def _tab(center: Grantee, is_here: bool) -> dict[str, Any]:
    return {
        "name": str(center),
        "url": f"?center={center.pk}",
        "is_here": is_here,
    }


def _refusals(refused: Sequence[Weighed]) -> list[dict[str, str]]:
    """Return each sentence once, with the way to what would change it."""
    said: dict[str, str] = {}
    for one in refused:
        center, member = one.place.via.grantee, one.place.person.member
        said[one.no] = invite_url(center, member) if one.needs_seat else ""
    return [{"sentence": sentence, "url": url} for sentence, url in said.items()]


def _preview(
    request: HttpRequest, form: StaffForm, weighed: Sequence[Weighed], door: Door
) -> HttpResponse:
    waiting = [one for one in weighed if one.waits]
    news = [one for one in weighed if one.kind != Kind.STAYS]
    facts: list[tuple[str, Any]] = [("Who, on what", _each(weighed))]
    if reason := form.cleaned_data["reason"]:
        facts.append(("Why", reason))
    if waiting:
        ends = rows.moment_cell(form.cleaned_data["ends_on"])
        facts += [("Admin until", ends), ("First", FIRST.format(n=len(waiting)))]
    facts += [
        ("How", f"With our own key, in {form.there.center}."),
        ("Proof", PROOF),
    ]
    is_all_waiting = bool(news) and len(waiting) == len(news)
    return draw(
        request,
        "admin/confirm.html",
        {
            "title": f"{door.title}?",
            "sentence": "Nobody is on anything before a read shows it.",
            "crumbs": door.crumbs,
            "facts": facts,
            "form": form.again(),
            "button": "Send it to an access owner" if is_all_waiting else "Put them on",
            "back_url": door.back_url,
        },
    )


def _each(weighed: Sequence[Weighed]) -> SafeString:
    """Say account by account who is to be on it."""
    by_account: dict[Any, list[str]] = {}
    for one in weighed:
        person, place = one.place.person.member or one.place.person, one.place
        line = LINES[one.kind].format(person=person, role=place.role.label)
        by_account.setdefault(place.via.asset, []).append(line)
    lines = ((account, "; ".join(said)) for account, said in by_account.items())
    return format_html_join("", "<p>{}<br><small>{}</small></p>", lines)


def _say(request: HttpRequest, done: staffing.Staffed) -> None:
    told = ((BEGUN, len(done.begun)), (ASKED, len(done.asked)), (STAYS, done.stays))
    for sentence, number in told:
        if number:
            messages.info(request, sentence.format(n=number))
