"""A center asks for an ad account it does not own; its owner decides (facts 5.4).

No call does any of it: people do, on the website. Only the result is on the wire.
"""

from __future__ import annotations

from agencyportal.simulator.shares import LIVE, admin_of, partner_up
from agencyportal.simulator.state import Account, Assignment, Relation, World

# What an owner's or an asker's button does, and what the request must be before it.
APPROVE, REFUSE, CANCEL, UNLINK = "approve", "refuse", "cancel", "unlink"
BEFORE = {APPROVE: "PENDING", REFUSE: "PENDING", CANCEL: "PENDING", UNLINK: "BOUND"}
AFTER = {APPROVE: "BOUND", REFUSE: "REJECTED", UNLINK: "UNBOUND"}


def find(world: World, bc_id: str, asset_id: str) -> Relation | None:
    key = (bc_id, asset_id)
    return next((r for r in world.relations if (r.bc_id, r.asset_id) == key), None)


def why_not(world: World, bc_id: str, asset_id: str) -> str:
    """Return in a sentence why this center cannot ask for it; "" if it can."""
    account, known = world.account(asset_id), find(world, bc_id, asset_id)
    if account is None:
        return f"There is no ad account {asset_id}."
    share = world.share(account.owner_bc_id, bc_id, asset_id)
    is_shared = share is not None and share.status in LIVE
    is_bound = known is not None and known.relation_status == "BOUND"
    if account.owner_bc_id == bc_id or is_shared or is_bound:
        return f"Your Business Center has {asset_id} already."
    if known is not None and known.relation_status == "PENDING":
        return f"A request for {asset_id} waits for its owner already."
    return ""


def ask(world: World, bc_id: str, account: Account, role: str, *, now: float) -> None:
    """Send a request in place of one that was refused or ended."""
    known = find(world, bc_id, account.advertiser_id)
    if known is not None:
        world.relations.remove(known)
    kind = "OWNER_PARTNER" if account.owner_bc_id else "OWNER_INDIVIDUAL"
    new = Relation(bc_id, account.advertiser_id, kind, "PENDING", role)
    world.relations.append(new)
    by = admin_of(world, bc_id)
    _tell(world, new, account, f"access asked for as {role}", by=by, now=now)


def decide(world: World, relation: Relation, decision: str, *, now: float) -> bool:
    """Do what one button says; False where the request is past that."""
    account = world.account(relation.asset_id)
    if relation.relation_status != BEFORE[decision] or account is None:
        return False
    if decision == CANCEL:
        world.relations.remove(relation)
    else:
        relation.relation_status = AFTER[decision]
    if decision == APPROVE:
        _let_in(world, relation, account)
    elif decision == UNLINK:
        world.drop_assignments(relation.bc_id, asset_id=relation.asset_id)
    by = admin_of(world, account.owner_bc_id) or account.owner_user_id
    by = admin_of(world, relation.bc_id) if decision == CANCEL else by
    _tell(world, relation, account, f"request: {decision}", by=by, now=now)
    return True


def approved(world: World, giver: str, receiver: str) -> list[Relation]:
    """Return what a center holds because the other approved its request."""
    return [
        relation
        for relation in world.relations
        if relation.bc_id == receiver
        and relation.relation_status == "BOUND"
        and (account := world.account(relation.asset_id)) is not None
        and account.owner_bc_id == giver
    ]


def _let_in(world: World, relation: Relation, account: Account) -> None:
    """Make partners of the two centers, and put who asked on the account."""
    if account.owner_bc_id:
        partner_up(world, account.owner_bc_id, relation.bc_id, is_accepted=True)
    asker = admin_of(world, relation.bc_id)
    if asker and world.assignment(relation.bc_id, asker, relation.asset_id) is None:
        role = relation.advertiser_role
        world.assignments.append(
            Assignment(relation.bc_id, asker, relation.asset_id, role)
        )


def _tell(
    world: World,
    relation: Relation,
    account: Account,
    what: str,
    *,
    by: str,
    now: float,
) -> None:
    text = f"Ad account {account.name} ({account.advertiser_id}): {what}."
    for bc_id in filter(None, (relation.bc_id, account.owner_bc_id)):
        world.note(bc_id, "ACCOUNT", text, by=by, now=now)
