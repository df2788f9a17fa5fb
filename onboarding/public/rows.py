"""What a visit shows about accounts: to choose from, and what came of them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.ladder import pill_of, role_of
from accounts.models import RoleGrant
from onboarding.flows import giving
from onboarding.flows.candidates import not_admin
from onboarding.flows.visits import CHANGED
from onboarding.models import LinkSession

State = RoleGrant.State
GIVEN_BACK = (State.WITHDRAWING, State.WITHDRAWN)


def choices(session: LinkSession, ticked: list[str]) -> list[dict[str, Any]]:
    """Return the groups of choose.html. No account is ticked beforehand, save those
    that were named in the request."""
    wanted = set(ticked) | set(session.item.account_ids)
    return [
        {
            "center_id": group["center_id"],
            "center_name": group["center_name"] or _("Outside any Business Center"),
            "rows": [_choice(row, wanted, session) for row in group["rows"]],
            "why_not": "" if group["rows"] else not_admin(group["center_name"]),
        }
        for group in session.candidates
        if group["rows"] or not group["is_admin"]
    ]


def _choice(
    row: dict[str, Any], wanted: set[str], session: LinkSession
) -> dict[str, Any]:
    facts = [row["currency"], row["time_zone"]]
    named = session.item.account_ids
    if named and row["can_choose"] and row["external_id"] not in named:
        facts.append(_("not asked for"))
    return {
        **row,
        "note": ", ".join(filter(None, facts)),
        "is_ticked": row["external_id"] in wanted,
    }


def results(session: LinkSession) -> dict[str, Any]:
    """Return the context of results.html."""
    grants = [g for g in giving.results(session) if g.state != State.DRAFT]
    is_working = any(map(_is_checking, grants))
    is_done = bool(grants) and all(grant.state == State.ACTIVE for grant in grants)
    is_changed = session.problem == CHANGED
    can_add = session.link.request.is_open and not is_done and not is_changed
    return {
        "headline": _headline(grants, is_working),
        "rows": _results(grants),
        "is_working": is_working,
        "what_next": _what_next(session, grants, is_working),
        "is_changed": is_changed,
        "add_more_url": reverse("visit_again", args=[session.pk]) if can_add else "",
        "facts": _facts(session),
    }


def _is_checking(grant: RoleGrant) -> bool:
    """True while we look; another role than the one asked for is looked at already."""
    is_under_way = grant.state in (State.REQUESTING, State.UNVERIFIED)
    return is_under_way and not grant.is_at_another_role


def _headline(grants: list[RoleGrant], is_working: bool) -> str:
    kept = [grant for grant in grants if grant.state not in GIVEN_BACK]
    if grants and not kept:
        is_over = all(grant.state == State.WITHDRAWN for grant in grants)
        return _("We gave it back.") if is_over else _("We are giving it back.")
    arrived = sum(grant.state == State.ACTIVE for grant in kept)
    left = len(kept) - arrived
    if kept and not left:
        return ngettext(
            "Done. One account arrived.", "Done. %(n)d accounts arrived.", arrived
        ) % {"n": arrived}
    if is_working:
        return _("We are checking that it arrived.")
    if arrived:
        return _("%(n)d arrived. %(left)d wait.") % {"n": arrived, "left": left}
    return _("Thank you. Your part is done for now.")


def _results(grants: list[RoleGrant]) -> list[dict[str, Any]]:
    """One row a grant; of several Business Centers, each row says which."""
    centers = {grant.asset.center_id for grant in grants}
    return [_result(grant, says_center=len(centers) > 1) for grant in grants]


def _result(grant: RoleGrant, *, says_center: bool) -> dict[str, Any]:
    return {
        "name": str(grant.asset),
        "external_id": grant.asset.external_id,
        "center": str(grant.asset.center or "") if says_center else "",
        "pill": _public_pill(grant),
        "sentence": _sentence(grant),
    }


def _public_pill(grant: RoleGrant) -> dict[str, Any]:
    if grant.state == State.ACTIVE and grant.is_fresh:
        word = _("Gave us %(role)s") % {"role": role_of(grant)}
        return {"tone": "ok", "icon": "active", "word": word}
    if _is_checking(grant):
        return {"tone": "work", "icon": "unverified", "word": _("Checking")}
    if grant.state in (State.PENDING, State.MANUAL):
        return {"tone": "wait", "icon": "stale", "word": _("Our turn")}
    return pill_of(grant)


def _sentence(grant: RoleGrant) -> str:
    match grant.state:
        case State.ACTIVE:
            assert grant.verified_at is not None
            return _("We looked from our side at %(time)s and hold %(role)s.") % {
                "time": date_format(timezone.localtime(grant.verified_at), "H:i"),
                "role": role_of(grant),
            }
        case State.REQUESTING:
            return _("We are asking for it. You need not wait.")
        case State.UNVERIFIED if grant.is_at_another_role:
            return grant.problem
        case State.UNVERIFIED:
            return _("The share is sent; we look whether it arrived.")
        case State.PENDING:
            return _("Shared. Our own Business Center admin accepts it; you are done.")
        case State.MANUAL:
            return _(
                "We ask for it in our Business Center. You will be asked to agree."
            )
        case State.DECLINED:
            return _("Our side declined it. Your contact here looks at it.")
        case State.FAILED:
            return _("It did not go through. Your contact here looks at it.")
        case State.LOST:
            return _("We do not see it any more. Your contact here asks you about it.")
        case State.WITHDRAWING if grant.waits_on == RoleGrant.WaitsOn.CLIENT:
            return _("Only you can end it: in your Business Center, under Partners.")
        case State.WITHDRAWING:
            return _("We are giving it back. You need do nothing.")
        case State.WITHDRAWN:
            return _("We gave it back: gone from our side since %(moment)s.") % {
                "moment": date_format(timezone.localtime(grant.since), "j F, H:i")
            }
    return ""


def _what_next(session: LinkSession, grants: list[RoleGrant], is_working: bool) -> str:
    manager = str(session.link.request.asked_by)
    if is_working:
        return ""
    if all(grant.state == State.WITHDRAWN for grant in grants):
        return _("%(manager)s sees it too. You can close this page.") % {
            "manager": manager
        }
    if all(grant.state in (State.ACTIVE, State.WITHDRAWN) for grant in grants):
        return _(
            "%(manager)s sees it too. You can close this page. You can end the access"
            " in your Business Center at any time, under Partners."
        ) % {"manager": manager}
    return _(
        "%(manager)s sees what is missing and writes to you if you are needed."
    ) % {"manager": manager}


def _facts(session: LinkSession) -> list[tuple[str, str]]:
    receiver = session.item.receiver
    shared_at = timezone.localtime(session.shared_at)
    return [
        (_("Client"), session.link.request.client.name),
        (_("Shared by"), session.signed_in_as),
        (_("When"), f"{date_format(shared_at, 'j F Y, H:i')} {shared_at.tzinfo}"),
        (_("Role"), session.item.get_role_display()),
        (
            _("To"),
            _("%(name)s, Business Center %(id)s")
            % {"name": receiver, "id": receiver.external_id},
        ),
    ]
