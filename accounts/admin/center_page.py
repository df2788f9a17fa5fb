"""The panels of a Business Center's page: who sits there, and its partners."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import HttpRequest
from django.urls import reverse

from accounts import rows, standing
from accounts.admin import claiming
from accounts.admin.pages import grant_url
from accounts.admin.seat_pages import acts_of, may_change
from accounts.flows import practices
from accounts.flows.partners import ending
from accounts.ladder import pill_of, role_of
from accounts.models import Asset, CenterSync, GrantChange, Grantee, RoleGrant
from accounts.platforms.roles import Role

Family = RoleGrant.Family
Standing = Grantee.Standing

MOST_SHOWN = 20

PILLS: dict[str, dict[str, Any]] = {
    Standing.OURS: {"tone": "off", "icon": "client", "word": "Ours"},
    Standing.CLIENT: {"tone": "off", "icon": "client", "word": "A client's"},
    Standing.KNOWN_PARTNER: {"tone": "off", "icon": "check", "word": "Known partner"},
    Standing.UNKNOWN: {"tone": "wait", "icon": "finding", "word": "Unknown"},
}
ENDING = {"tone": "work", "icon": "revoking", "word": "Ending"}
UNDER_WAY = "It is over when {center} no longer lists it."
UNKNOWN = "Nobody said whose it is: say so, or end the partnership."


def is_ours(center: Asset) -> bool:
    return bool(center.owner == Asset.Owner.AGENCY)


def members(request: HttpRequest, center: Asset) -> dict[str, Any] | None:
    """Return who sits in a center of ours, what needs somebody first."""
    if not is_ours(center):
        return None
    live = RoleGrant.objects.live().filter(asset=center.pk)
    seats = standing.by_urgency(live.filter(family=Family.SEAT))
    along = ("grantee__member__two_step_attested_by", "asset__as_grantee", "last_read")
    shown = list(seats.select_related(*along)[: MOST_SHOWN + 1])
    holders = [seat.grantee_id for seat in shown]
    finances = {
        one.grantee_id: one
        for one in live.filter(family=Family.FINANCE, grantee__in=holders)
    }
    undecided = GrantChange.objects.waiting().filter(grant__in=shown)
    waiting = set(undecided.values_list("grant", flat=True))
    may = may_change(request)
    found = [
        {
            **_member(seat, finances.get(seat.grantee_id)),
            "acts": _acts(seat, is_waiting=seat.pk in waiting) if may else [],
        }
        for seat in shown[:MOST_SHOWN]
    ]
    return {
        "note": _unseen(center),
        "members": found,
        "more": {"label": "All seats", "url": _desk(center)}
        if len(shown) > MOST_SHOWN
        else None,
    }


def _member(seat: RoleGrant, finance: RoleGrant | None) -> dict[str, Any]:
    member = seat.grantee.member
    is_admin = seat.observed_role == Role.ADMIN
    return {
        "name": str(seat.grantee),
        "url": grant_url(seat),
        "email": member.email if member else "",
        "role": role_of(seat) or "No role yet",
        "finance": _finance(finance),
        "pill": pill_of(seat),
        "two_step": _two_step(seat) if is_admin else None,
    }


def _finance(finance: RoleGrant | None) -> dict[str, Any] | None:
    if finance is None:
        return None
    return {
        "label": f"Finance {role_of(finance)}".strip(),
        "url": grant_url(finance),
        "word": pill_of(finance)["word"],
    }


def _two_step(seat: RoleGrant) -> dict[str, Any]:
    member = seat.grantee.member
    url = reverse("admin:accounts_two_step", args=[seat.pk])
    seen_on = member.two_step_attested_on if member else None
    return {
        "seen_on": seen_on,
        "by": str(member.two_step_attested_by) if member and seen_on else "",
        "is_fresh": practices.is_attested(member),
        "url": url,
    }


def _acts(seat: RoleGrant, *, is_waiting: bool) -> list[dict[str, Any]]:
    offered = acts_of(seat, is_waiting=is_waiting)
    if seat.state == RoleGrant.State.FOUND and not is_waiting:
        url = f"{reverse('admin:accounts_adopt')}?grants={seat.pk}"
        return [{"label": "Adopt", "url": url}, *offered]
    return offered


def _unseen(center: Asset) -> str:
    n = practices.unattested().filter(asset=center.pk).count()
    if not n:
        return ""
    who = "1 admin" if n == 1 else f"{n} admins"
    return f"{who} without a two-step attestation"


def _desk(center: Asset) -> str:
    url = reverse("admin:accounts_rolegrant_changelist")
    return f"{url}?q={center.external_id}"


def partners(request: HttpRequest, center: Asset) -> dict[str, Any] | None:
    """Return the centers ours has a partnership with, the unknown ones first."""
    if not is_ours(center):
        return None
    ids = CenterSync.objects.filter(center=center.pk).exclude(partner_id="")
    held = Q(
        held__grants__grantee__center=center.pk,
        held__grants__state__in=RoleGrant.HELD,
    )
    known = Asset.objects.filter(
        platform=center.platform,
        kind=Asset.Kind.CENTER,
        external_id__in=ids.values("partner_id"),
    ).annotate(
        shares=Count("held", filter=held, distinct=True),
        unknown_first=Case(
            When(owner=Asset.Owner.UNKNOWN, then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        ),
    )
    ordered = known.order_by("unknown_first", "name", "pk")
    shown = list(ordered.select_related("client", "as_grantee")[: MOST_SHOWN + 1])
    unknown = known.filter(owner=Asset.Owner.UNKNOWN).count()
    problems = dict(ids.values_list("partner_id", "problem"))
    leaving = ending(shown)
    may = may_change(request)
    return {
        "tone": "wait" if unknown else "",
        "note": f"{unknown} unknown" if unknown else "",
        "partners": [
            _ending(center, one)
            if str(one.pk) in leaving
            else _partner(center, one, problems[one.external_id], may)
            for one in shown[:MOST_SHOWN]
        ],
        "more": {"label": "All Business Centers", "url": _centers()}
        if len(shown) > MOST_SHOWN
        else None,
    }


def shares(request: HttpRequest, center: Asset) -> dict[str, Any] | None:
    """Return what a center that is not ours gives us, what needs somebody first."""
    given = RoleGrant.objects.live().filter(asset__center=center.pk, via=None)
    seen = rows.for_rows(standing.by_urgency(given.visible_to(request.user)))
    shown = list(seen[: MOST_SHOWN + 1])
    if is_ours(center) or not shown:
        return None
    is_more = len(shown) > MOST_SHOWN
    return {
        "grants": [rows.grant_row(one) for one in shown[:MOST_SHOWN]],
        "note": f"The first {MOST_SHOWN}" if is_more else "",
    }


def _centers() -> str:
    return reverse("admin:accounts_businesscenter_changelist")


def _partner(center: Asset, partner: Any, problem: str, may: bool) -> dict[str, Any]:
    holder = getattr(partner, "as_grantee", None)
    stands = holder.standing if holder else Standing.UNKNOWN
    is_unknown = stands == Standing.UNKNOWN
    acts = []
    if may and is_unknown:
        end = reverse("admin:accounts_end_partner", args=[center.pk, partner.pk])
        acts = [
            {"label": "Say whose it is", "url": claiming.url_of(partner)},
            {"label": "End the partnership", "url": end},
        ]
    return {
        **_named(partner),
        "whose": str(partner.client) if partner.client else "",
        "problem": problem or (UNKNOWN if is_unknown else ""),
        "pill": PILLS[stands],
        "acts": acts,
    }


def _ending(center: Asset, partner: Any) -> dict[str, Any]:
    sentence = UNDER_WAY.format(center=center)
    return {**_named(partner), "shares": sentence, "pill": ENDING}


def _named(partner: Any) -> dict[str, Any]:
    accounts = "1 ad account" if partner.shares == 1 else f"{partner.shares} accounts"
    return {
        "name": str(partner),
        "url": reverse("admin:accounts_businesscenter_change", args=[partner.pk]),
        "external_id": partner.external_id,
        "shares": f"Shares {accounts} with us" if partner.shares else "Shares nothing",
    }
