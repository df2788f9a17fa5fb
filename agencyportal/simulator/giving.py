"""What a client does on its center's page: share an account, change the role, stop."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from agencyportal.simulator.calls import ADVERTISER_ROLES
from agencyportal.simulator.context import Context
from agencyportal.simulator.pages import hidden
from agencyportal.simulator.shares import (
    LIVE,
    admin_of,
    change_role,
    end_share,
    give_share,
    must_be_accepted,
    partner_up,
)
from agencyportal.simulator.state import Account, Center, Share, World

DECISIONS = ("share", "role", "stop")
USUAL_ROLE = "OPERATOR"


def carry_out(context: Context, giver: Center, form: Mapping[str, str]) -> bool:
    """Do what one button says; False if there is no such account, center or share.

    The caller holds the store's lock.
    """
    world, now = context.store.world, context.store.now()
    receiver = world.center(form.get("receiver", ""))
    account = world.account(form.get("asset_id", ""))
    decision, role = form.get("decision", ""), form.get("role", USUAL_ROLE)
    if receiver is None or receiver not in _receivers(world, giver):
        return False
    if account is None or account not in given_by(world, giver):
        return False
    if role not in ADVERTISER_ROLES:
        return False
    share = _live_share(world, giver, receiver, account)
    if (share is None) is not (decision == "share"):
        return False
    by = admin_of(world, giver.bc_id)
    if share is None:
        waits = must_be_accepted(world, giver, receiver)
        partner_up(world, giver.bc_id, receiver.bc_id, is_accepted=not waits)
        new = Share(giver.bc_id, receiver.bc_id, account.advertiser_id, role, "PENDING")
        give_share(world, new, must_accept=waits, by=by, now=now)
    elif decision == "role":
        change_role(world, share, role, by=by, now=now)
    else:
        end_share(world, share, by=by, now=now)
    return True


def given_by(world: World, center: Center) -> list[Account]:
    """Return what a client's center owns and may share."""
    if center.type == "AGENCY":
        return []
    return [
        account
        for account in world.accounts
        if account.owner_bc_id == center.bc_id and account.relation_status == "BOUND"
    ]


def card(world: World, giver: Center, account: Account) -> str:
    """Draw an account with what can be done about it, for each of our centers."""
    forms = "".join(
        _form(giver, receiver, account, _live_share(world, giver, receiver, account))
        for receiver in _receivers(world, giver)
    )
    return (
        f'<div class="card"><div>{escape(account.name)}'
        f' <span class="soft id">{account.advertiser_id}</span>{forms}</div></div>'
    )


def _receivers(world: World, giver: Center) -> list[Center]:
    return [c for c in world.centers if c.type == "AGENCY" and c is not giver]


def _live_share(
    world: World, giver: Center, receiver: Center, account: Account
) -> Share | None:
    share = world.share(giver.bc_id, receiver.bc_id, account.advertiser_id)
    return share if share is not None and share.status in LIVE else None


def _form(
    giver: Center, receiver: Center, account: Account, share: Share | None
) -> str:
    name = escape(receiver.name)
    if share is None:
        said, role = "", USUAL_ROLE
        buttons = _button("share", f"Share with {name}")
    else:
        state = "accepted" if share.status == "ACCEPTED" else "waits for its Accept"
        said = f'<p class="soft">{name}: {share.advertiser_role}, {state}</p>'
        role = share.advertiser_role
        buttons = _button("role", "Change role") + _button("stop", "Stop sharing")
    options = "".join(
        f"<option{' selected' if one == role else ''}>{one}</option>"
        for one in ADVERTISER_ROLES
    )
    return (
        f'{said}<form method="post" action="/bc/{giver.bc_id}/">'
        f"{hidden('receiver', receiver.bc_id)}"
        f'{hidden("asset_id", account.advertiser_id)}<div class="row">'
        f'<select name="role" aria-label="Role for {name}">{options}</select>'
        f"{buttons}</div></form>"
    )


def _button(decision: str, word: str) -> str:
    return f'<button name="decision" value="{decision}">{word}</button>'
