"""When an account works: our center's share is read back, and so is a person on it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.ladder import role_of
from accounts.models import RoleGrant


def sentence(center_grant: RoleGrant, people: Sequence[RoleGrant]) -> str:
    """Say who can work on it: "Works: Operator for us, Jonas Lind and 2 others on it".

    `people` are what ours hold by the center's grant, with their grantees.
    """
    if not center_grant.is_fresh:
        return str(_("Works when our center is read back on it"))
    on_it = [person for person in people if person.is_fresh]
    if not on_it:
        return str(_("Not read back yet") if people else _("Nobody is on it yet"))
    named, others = on_it[0].grantee, len(on_it) - 1
    who = str(named.member or named)
    if others:
        and_others = ngettext(
            "%(who)s and %(n)s other", "%(who)s and %(n)s others", others
        )
        who = and_others % {"who": who, "n": others}
    return str(
        _("Works: %(role)s for us, %(who)s on it")
        % {"role": role_of(center_grant), "who": who}
    )
