"""What people do on TikTok's website while a call is under way."""

from __future__ import annotations

from collections.abc import Callable

from agencyportal.simulator.clearing import drop_centers
from agencyportal.simulator.context import Context
from agencyportal.simulator.pairs import end_pairs, find_pair
from agencyportal.simulator.params import read_params
from agencyportal.simulator.shares import admin_of, end_share, lower_assignments
from agencyportal.simulator.state import Share
from agencyportal.simulator.wire import ApiError, Request

Happening = Callable[[Context, Request], None]


def revoke_key(context: Context, request: Request) -> None:
    """Whoever the call's token belongs to ends the authorization."""
    world, tokens = context.store.world, context.store.world.tokens
    value = request.headers.get("access-token", "")
    if pair := find_pair(world, value, "act"):
        end_pairs(world, pair.open_id)
    owners = {token.user_id for token in tokens if token.value == value}
    for token in tokens:
        if token.user_id in owners:
            token.is_alive = False


def change_role(context: Context, request: Request) -> None:
    """The client lowers what it shares with the agency to Analyst."""
    for share in _shares(context, request):
        share.advertiser_role = "ANALYST"
        lower_assignments(context.store.world, share)


def undo_share(context: Context, request: Request) -> None:
    world = context.store.world
    for share in _shares(context, request):
        by = admin_of(world, share.giver)
        end_share(world, share, by=by, now=context.store.now())


def remove_center(context: Context, request: Request) -> None:
    drop_centers(context.store.world, _clients(context, request))


def _clients(context: Context, request: Request) -> set[str]:
    """Return the clients' centers the call names, or else all that share with us."""
    world = context.store.world
    ours = {center.bc_id for center in world.centers if center.type == "AGENCY"}
    try:
        values = read_params(request).values
    except ApiError:
        values = {}
    named = {str(values.get(name, "")) for name in ("bc_id", "partner_id")}
    named = {bc_id for bc_id in named - ours if world.center(bc_id)}
    return named or {s.giver for s in world.shares if s.receiver in ours}


def _shares(context: Context, request: Request) -> list[Share]:
    world, givers = context.store.world, _clients(context, request)
    ours = {center.bc_id for center in world.centers if center.type == "AGENCY"}
    return [
        share
        for share in world.shares
        if share.giver in givers
        and share.receiver in ours
        and share.status in ("PENDING", "ACCEPTED")
    ]


MEANWHILE: dict[str, Happening] = {
    "key_revoked": revoke_key,
    "role_changed": change_role,
    "share_undone": undo_share,
    "center_gone": remove_center,
}
