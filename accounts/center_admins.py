"""Who is an admin of a center of ours, by name: some things only they may press."""

from __future__ import annotations

from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.ladder import next_step
from accounts.models import RoleGrant
from accounts.platforms.roles import Role

MOST_NAMED = 3


def admins_of(center: Any) -> str:
    """Return who may press it there: "Priya Raman or Lena Fischer", as last read.

    Asks the books, so it is for one center of a page, not for the rows of a list.
    """
    seats = RoleGrant.objects.filter(
        asset=center,
        family=RoleGrant.Family.SEAT,
        state__in=RoleGrant.HELD,
        observed_role=Role.ADMIN,
        missed_at=None,
    )
    holders = [seat.grantee for seat in seats.select_related("grantee__member")]
    names = sorted(str(holder.member or holder) for holder in holders)
    if not names:
        return _("An admin of %(center)s") % {"center": center}
    if len(names) > MOST_NAMED:
        names[MOST_NAMED:] = [_("another admin")]
    return str(get_text_list(names, _("or")))


def who_accepts(grant: RoleGrant) -> str:
    """Return who accepts a share in our center by name; "" if that is not the turn."""
    waits = (grant.state, grant.waits_on)
    if waits != (RoleGrant.State.PENDING, RoleGrant.WaitsOn.CENTER_ADMIN):
        return ""
    center = grant.grantee.center
    return admins_of(center) if center else ""


def named_step(grant: RoleGrant) -> str:
    """Return the next step as the ladder says it, with our center's admins by name."""
    return next_step(grant, who_accepts(grant))
