"""Take people and Business Centers out of the world, with all that hangs on them."""

from __future__ import annotations

from agencyportal.simulator.state import Person, World


def clear(world: World, person: Person) -> None:
    """Take a person's seats and accounts, and the centers they were seated in.

    Companions leave their seats too. An agency's center stays, without them.
    """
    leaving = {
        p.user_id for p in world.people if person.slug in (p.slug, p.companion_of)
    }
    gone = {
        m.bc_id
        for m in world.members
        if m.user_id in leaving
        and (center := world.center(m.bc_id)) is not None
        and center.type != "AGENCY"
    }
    world.members = [m for m in world.members if m.user_id not in leaving]
    world.assignments = [a for a in world.assignments if a.user_id not in leaving]
    own = {a.advertiser_id for a in world.accounts if a.owner_user_id == person.user_id}
    drop_centers(world, gone, own)
    person.withheld_scopes, person.reauthorization = [], ""


def drop_centers(world: World, gone: set[str], lost: set[str] | None = None) -> None:
    """Take centers away with what they own, and the ad accounts `lost` besides."""
    lost = (lost or set()) | {
        a.advertiser_id for a in world.accounts if a.owner_bc_id in gone
    }
    world.members = [m for m in world.members if m.bc_id not in gone]
    world.centers = [c for c in world.centers if c.bc_id not in gone]
    world.accounts = [a for a in world.accounts if a.advertiser_id not in lost]
    world.relations = [
        r for r in world.relations if r.bc_id not in gone and r.asset_id not in lost
    ]
    world.shares = [
        s
        for s in world.shares
        if not {s.giver, s.receiver} & gone and s.asset_id not in lost
    ]
    world.partnerships = [
        p for p in world.partnerships if not {p.bc_id, p.partner_id} & gone
    ]
    world.assignments = [
        a for a in world.assignments if a.bc_id not in gone and a.asset_id not in lost
    ]
