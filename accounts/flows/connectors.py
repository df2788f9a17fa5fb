"""Open a platform's connector behind the one HTTP door, with the app's own bucket."""

from __future__ import annotations

from typing import Any

from accounts.outbound import Door
from accounts.outbound.throttle import Throttle
from accounts.platforms.registry import open_connector, platforms


def open_for(platform: str, *, in_person: bool) -> Any:
    """Return the connector for `platform`.

    `in_person` is True while somebody waits for the answer: a third of the app's
    allowance is kept for them.
    """
    spec = platforms()[platform]
    throttle = Throttle(platform, spec.app_id, in_person=in_person)
    return open_connector(platform, door=Door(hosts=spec.hosts, throttle=throttle))
