"""What each staff role may do with onboarding's tables."""

from __future__ import annotations

from accounts.signin.groups import CLOSED_TO_BUYERS, Verbs, desk

WORKED = desk(managers="view add change", owners="view add change", buyers="")

TABLES: dict[str, Verbs] = {
    "accessrequest": WORKED,
    "requestitem": WORKED,
    "accesslink": WORKED,
    "reminder": WORKED,
    "attributionadvice": WORKED,
    "sparklink": WORKED,
    "itemgrant": CLOSED_TO_BUYERS,
}
