"""What becomes of a share: given, seen, accepted, changed, ended; told in both logs."""

from __future__ import annotations

from agencyportal.simulator.calls import ADVERTISER_ROLES
from agencyportal.simulator.state import Center, Partnership, Share, World

LIVE = ("PENDING", "ACCEPTED")


def must_be_accepted(world: World, giver: Center, receiver: Center) -> bool:
    by_switch = bool(world.switches["receiver_must_accept"])
    return by_switch or receiver.receives_by_hand or giver.shares_wait


def partner_up(world: World, giver: str, receiver: str, *, is_accepted: bool) -> None:
    partnership = world.partnership(giver, receiver)
    if partnership is None:
        partnership = Partnership(giver, receiver, is_accepted=False)
        world.partnerships.append(partnership)
    partnership.is_accepted |= is_accepted


def give_share(
    world: World, share: Share, *, must_accept: bool, by: str, now: float
) -> None:
    """Put a share that waits in place of an ended one; accept it where nobody must."""
    old = world.share(share.giver, share.receiver, share.asset_id)
    if old is not None:
        world.shares.remove(old)
    world.shares.append(share)
    if not must_accept:
        make_visible(world, share, now=now)
    tell(world, share, f"shared as {share.advertiser_role}", by=by, now=now)


def change_role(world: World, share: Share, role: str, *, by: str, now: float) -> None:
    share.advertiser_role = role
    lower_assignments(world, share)
    tell(world, share, f"now as {role}", by=by, now=now)


def admin_of(world: World, bc_id: str) -> str:
    """Return who does what a page's button says: an admin of the center."""
    admins = (m.user_id for m in world.members if world.is_admin(bc_id, m.user_id))
    return next(admins, "")


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
    word = "accepted" if accept else "declined"
    tell(world, share, word, by=admin_of(world, share.receiver), now=now)


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
        {share.giver, share.receiver} == {giver, receiver} and share.status in LIVE
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
