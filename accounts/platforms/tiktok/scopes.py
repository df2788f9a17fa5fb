"""TikTok's numbered permissions, in three levels: a parent grants all below it.

TikTok facts 2.3; official list at portal/docs?id=1753986142651394.
"""

from __future__ import annotations

from collections.abc import Iterable

NAMES = {
    "100": "Read Ad Account Information",
    "150": "Read Business Center",
    "153": "Business Center Asset",
    "155": "Business Center Partner Management",
    "156": "Business Center Member Management",
    "230": "Change Log",
    "690": "Query TikTok Posts",
    "691": "Authorize TikTok Posts",
    "693": "Query Identity",
}
PARENTS = {
    "10": "1",
    "15": "1",
    "23": "2",
    "100": "10",
    "150": "15",
    "153": "15",
    "155": "15",
    "156": "15",
    "230": "23",
    "690": "1",
    "691": "1",
    "693": "1",
}
# "nice": not needed for access, but the activity log cannot be read without it.
# "spark": for our own login, where posts are to run as ads.
NEEDED = {
    "client": ("100", "150", "153", "155"),
    "agency": ("100", "150", "153", "155", "156"),
    "nice": ("230",),
    "spark": ("690", "691", "693"),
}


def missing_scopes(granted: Iterable[str], purpose: str) -> tuple[str, ...]:
    """Return the names of the permissions `purpose` needs and `granted` lacks.

    Raises KeyError for a purpose other than client, agency, nice or spark.
    """
    held = set(granted)
    return tuple(NAMES[s] for s in NEEDED[purpose] if not _is_held(s, held))


def _is_held(scope: str, held: set[str]) -> bool:
    if scope in held:
        return True
    parent = PARENTS.get(scope)
    return parent is not None and _is_held(parent, held)
