"""Whose key speaks of a post: ours for the ad account, the creator's for its code."""

from __future__ import annotations

from django.db.models import Q

from accounts.flows import agency
from accounts.models import (
    Asset,
    Connection,
    Grantee,
    RoleGrant,
    SparkAuthorization,
)
from accounts.platforms.registry import platform
from accounts.platforms.spark import POSTS


def of_ours(ad_account: Asset) -> list[Connection]:
    """Return our keys that reach the ad account: by a center that holds or owns it."""
    held = Q(
        grants__asset=ad_account,
        grants__via=None,
        grants__state__in=RoleGrant.HELD,
    )
    centers = Grantee.objects.filter(
        held | Q(center=ad_account.center_id, center__isnull=False),
        kind=Grantee.Kind.CENTER,
        standing=Grantee.Standing.OURS,
    ).distinct()
    keys = [key for center in centers for key in agency.keys_for(center)]
    return list(dict.fromkeys(keys))


def of_creator(authorization: SparkAuthorization) -> Connection | None:
    """Return the creator's key, while it works and may make codes."""
    key = authorization.connection
    if key is None or key.state != Connection.State.LIVE:
        return None
    words = platform(key.platform).spark.words_of_scopes(key.scopes)
    return key if POSTS in words else None
