"""What becomes of a share: seen, accepted, lowered, ended; told in both logs."""

from __future__ import annotations

from agencyportal.simulator.calls import ADVERTISER_ROLES
from agencyportal.simulator.state import Share, World


def make_visible(world: World, share: Share, *, now: float) -> None:
    """Accept a share; the delay switches decide when the receiver reads it."""
    share.status = "ACCEPTED"
    share.visible_at = now + int(world.switches["share_visible_after_seconds"])
    share.hidden_reads = int(world.switches["share_visible_after_reads"])


def lower_assignments(world: World, share: Share) -> None:
    """No member keeps more than the share gives its center."""
    limit = ADVERTISER_ROLES.index(share.advertiser_role)
    for one in world.assignments:
        if (one.bc_id, one.asset_id) == (share.receiver, share.asset_id):
            held = max(ADVERTISER_ROLES.index(one.advertiser_role), limit)
            one.advertiser_role = ADVERTISER_ROLES[held]


def decide_share(world: World, share: Share, *, accept: bool, now: float) -> None:
    """Accept or decline a waiting share, as an admin of the receiver would."""
    if accept:
        make_visible(world, share, now=now)
    else:
        share.status = "DECLINED"
    decide_partnership(world, share.giver, share.receiver, accept=accept)
    admin = next(
        (m.user_id for m in world.members if world.is_admin(share.receiver, m.user_id)),
        "",
    )
    word = "accepted" if accept else "declined"
    tell(world, share, word, by=admin, now=now)


def decide_partnership(
    world: World, giver: str, receiver: str, *, accept: bool
) -> None:
    """Accept a partnership, or drop one that was never accepted and shares nothing."""
    partnership = world.partnership(giver, receiver)
    if partnership is None:
        return
    if accept:
        partnership.is_accepted = True
    elif not partnership.is_accepted and not any(
        {share.giver, share.receiver} == {giver, receiver}
        and share.status in ("PENDING", "ACCEPTED")
        for share in world.shares
    ):
        world.partnerships.remove(partnership)


def end_share(world: World, share: Share, *, by: str, now: float) -> None:
    """Take a share back; the receiver's members lose their roles on it."""
    if world.switches["unshared_in_admin_get"] == "unbound" and (
        share.status == "ACCEPTED"
    ):
        share.status = "ENDED"
    else:
        world.shares.remove(share)
    world.drop_assignments(share.receiver, asset_id=share.asset_id)
    tell(world, share, "no longer shared", by=by, now=now)


def tell(world: World, share: Share, what: str, *, by: str, now: float) -> None:
    """Write a share's story into both centers' activity logs."""
    account = world.account(share.asset_id)
    centers = [world.center(share.giver), world.center(share.receiver)]
    names = [center.name if center else "?" for center in centers]
    text = (
        f"Ad account {account.name if account else share.asset_id}"
        f" ({share.asset_id}) from {names[0]} to {names[1]}: {what}."
    )
    for bc_id in (share.giver, share.receiver):
        world.note(bc_id, "ACCOUNT", text, by=by, now=now)
