"""Which platforms there are, what each can do, and how to open its connector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings

from accounts.outbound import Door, address
from accounts.outbound.secret import Secret
from accounts.platforms.roles import Role
from accounts.platforms.spark import SparkSpec
from accounts.platforms.tiktok.client import TikTok
from accounts.platforms.tiktok.reference import ON_THE_WEBSITE
from accounts.platforms.tiktok.scopes import missing_scopes
from accounts.platforms.tiktok.spark_words import SPARK
from accounts.platforms.tiktok.spec import (
    BATCH_SIZES,
    CAPABILITIES,
    KEY_NATURE,
    REFRESHES,
    ROLES,
)
from accounts.platforms.tiktok.troubles import trouble_of
from accounts.platforms.told import Told


@dataclass(frozen=True)
class PlatformSpec:
    """What the flows may know of a platform.

    `capabilities` answers yes or no to a named ability, `batch_sizes` gives the most
    things one call takes. `refreshes` and `key_nature` tell by a connection's kind
    whether its key can be renewed, and in words how long it lives. `hosts` and
    `app_id` are what the door and its throttle need. `trouble_of` gives a neutral word
    for a native code and what was said with it. `on_the_website` has what sources tell
    of the steps that people take there: "asking", "no_call", "accepting". `spark` says
    the words of Spark Ads in the platform's own.
    """

    key: str
    label: str
    roles: tuple[Role, ...]
    capabilities: Mapping[str, bool]
    batch_sizes: Mapping[str, int]
    refreshes: Mapping[str, bool]
    key_nature: Mapping[str, str]
    app_id: str
    hosts: frozenset[str]
    missing_scopes: Callable[[Iterable[str], str], tuple[str, ...]]
    trouble_of: Callable[[str, str], str]
    on_the_website: Mapping[str, tuple[Told, ...]]
    spark: SparkSpec

    def can(self, ability: str) -> bool:
        """Return the capability; raise KeyError for one nobody has defined."""
        return self.capabilities[ability]


class UnknownPlatformError(LookupError):
    """No connector goes by this key."""


def platforms() -> dict[str, PlatformSpec]:
    """Return every platform this portal has a connector for, by key."""
    return {"tiktok": _tiktok()}


def platform(key: str) -> PlatformSpec:
    """Return one platform; raise UnknownPlatformError for a key nobody has."""
    try:
        return platforms()[key]
    except KeyError:
        raise UnknownPlatformError(f"There is no platform {key!r}.") from None


def open_connector(key: str, *, door: Door) -> TikTok:
    """Return the platform's connector, calling through `door`."""
    platform(key)
    values = settings.TIKTOK
    return TikTok(
        app_id=values["app_id"],
        app_secret=Secret(values["app_secret"]),
        api_url=values["api_url"],
        auth_url=values["auth_url"],
        creator_auth_url=values["creator_auth_url"],
        door=door,
    )


def _tiktok() -> PlatformSpec:
    return PlatformSpec(
        key="tiktok",
        label="TikTok",
        roles=ROLES,
        capabilities=CAPABILITIES,
        batch_sizes=BATCH_SIZES,
        refreshes=REFRESHES,
        key_nature=KEY_NATURE,
        app_id=settings.TIKTOK["app_id"],
        hosts=frozenset({address(settings.TIKTOK["api_url"])}),
        missing_scopes=missing_scopes,
        trouble_of=trouble_of,
        on_the_website=ON_THE_WEBSITE,
        spark=SPARK,
    )
