"""The time zones a person can be in, as the forms offer them."""

from __future__ import annotations

import zoneinfo
from functools import cache

REGIONS = frozenset(
    "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific"
    " UTC".split()
)


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names that name a place, in order; read from disk once."""
    names = zoneinfo.available_timezones()
    return tuple(sorted(name for name in names if name.partition("/")[0] in REGIONS))
