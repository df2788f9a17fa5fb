"""What an endpoint gets to work with, and the checks they all share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agencyportal.simulator.params import Params
from agencyportal.simulator.state import Account, Center, Person, Token, World
from agencyportal.simulator.store import Store
from agencyportal.simulator.switch import Value
from agencyportal.simulator.traffic import Traffic
from agencyportal.simulator.wire import (
    NO_PERMISSION,
    OK,
    TOKEN_MISSING,
    TOKEN_WRONG,
    ApiError,
)

ADVERTISER_ROLES = ("ADMIN", "OPERATOR", "ANALYST")
ASSET_TYPES = (
    "ADVERTISER",
    "CATALOG",
    "PIXEL",
    "LEAD",
    "TT_ACCOUNT",
    "TIKTOK_SHOP",
    "STOREFRONT",
    "MANAGED_BUSINESS_ACCOUNT",
)


@dataclass
class Call:
    """One API call. `code` and `message` may be raised to 20001 by the endpoint.

    `token` is a login's; a creator's is found by what the call's `header` says.
    """

    store: Store
    params: Params
    now: float
    token: Token | None = None
    header: str = ""
    base_url: str = ""
    traffic: Traffic = field(default_factory=Traffic)
    code: int = OK
    message: str = "OK"

    @property
    def world(self) -> World:
        return self.store.world

    def switch(self, name: str) -> Value:
        return self.world.switches[name]

    @property
    def user_id(self) -> str:
        return self.token.user_id if self.token else ""

    @property
    def person(self) -> Person:
        """Return who authorised; the token is dead if that person is gone."""
        person = self.world.person(self.user_id)
        if person is None:
            raise ApiError(TOKEN_WRONG, "The access token's user does not exist.")
        return person

    def center_as_admin(self) -> Center:
        """Return the center named by `bc_id`, of which the user must be admin."""
        bc_id = self.params.id("bc_id")
        center = self.world.center(bc_id)
        if center is None or not self.world.is_admin(bc_id, self.user_id):
            raise ApiError(
                NO_PERMISSION, f"You are not an admin of Business Center {bc_id}."
            )
        return center

    def note(self, bc_id: str, kind: str, text: str) -> None:
        self.world.note(bc_id, kind, text, by=self.user_id, now=self.now)


@dataclass(frozen=True)
class Endpoint:
    """One API path: its methods, the permission it needs, and its function.

    `needs_token` is False for calls that carry the app's secret instead;
    `may_be_flat` marks the one whose fields may sit at top level;
    `method_switch` names a switch that may narrow the methods.
    """

    methods: tuple[str, ...]
    run: Callable[[Call], dict[str, Any]]
    scope: int | None = None
    needs_token: bool = True
    allows_form: bool = False
    may_be_flat: bool = False
    method_switch: str = ""


def find_token(world: World, value: str) -> Token:
    """Return the live token of that value, else say 40104 or 40105."""
    if not value:
        raise ApiError(TOKEN_MISSING, "Access token is empty in the request header.")
    for token in world.tokens:
        if token.value == value and token.is_alive:
            return token
    raise ApiError(TOKEN_WRONG, "Access token is incorrect or has been revoked.")


def is_share_seen(call: Call, giver: str, receiver: str, asset_id: str) -> bool:
    """Return True if the receiver can use a share now; counts no read."""
    share = call.world.share(giver, receiver, asset_id)
    return (
        share is not None
        and share.status == "ACCEPTED"
        and call.now >= share.visible_at
        and share.hidden_reads == 0
    )


def is_held(call: Call, bc_id: str, account: Account) -> bool:
    """Return True if a center may work with an ad account now."""
    if account.owner_bc_id == bc_id:
        return account.relation_status == "BOUND"
    if account.owner_bc_id and is_share_seen(
        call, account.owner_bc_id, bc_id, account.advertiser_id
    ):
        return True
    return any(
        r.relation_status == "BOUND"
        for r in call.world.relations
        if r.bc_id == bc_id and r.asset_id == account.advertiser_id
    )
