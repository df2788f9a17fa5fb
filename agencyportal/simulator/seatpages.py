"""What an invited person does on a center's page: accept the seat, or decline it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from agencyportal.simulator.cast import add_person
from agencyportal.simulator.context import Context
from agencyportal.simulator.members import accept_invitation, decline_invitation
from agencyportal.simulator.pages import hidden
from agencyportal.simulator.state import Center, Member, World

DECISIONS = ("join", "refuse")


def carry_out(context: Context, center: Center, form: Mapping[str, str]) -> bool:
    """Do what one button says; False if there is no such invitation any more.

    Whoever accepts gets a login with the address's name, if they have none yet. The
    caller holds the store's lock.
    """
    world, now = context.store.world, context.store.now()
    email = form.get("email", "")
    member = next((m for m in invited(world, center) if m.email == email), None)
    if member is None:
        return False
    if form.get("decision") == "refuse":
        decline_invitation(world, member, now=now)
        return True
    person = next((p for p in world.people if p.email == email), None)
    if person is None:
        slug = "".join(one if one.isalnum() else "-" for one in email)
        name = email.partition("@")[0].replace(".", " ").title()
        person = add_person(world, slug, name, email)
    accept_invitation(world, member, person, now=now)
    return True


def invited(world: World, center: Center) -> list[Member]:
    return [
        member
        for member in world.members
        if (member.bc_id, member.relation_status) == (center.bc_id, "PENDING")
    ]


def cards(world: World, center: Center) -> str:
    """Draw the invitations that wait for whoever has the address."""
    return "".join(_card(center, member) for member in invited(world, center))


def _card(center: Center, member: Member) -> str:
    email = escape(member.email)
    return (
        f'<div class="card"><div>{email}'
        f' <span class="soft">invited as {escape(member.user_role)}</span>'
        f'<form method="post" action="/bc/{center.bc_id}/">'
        f'{hidden("email", member.email)}<div class="row">'
        '<button class="main" name="decision" value="join">Accept the seat</button>'
        '<button name="decision" value="refuse">Decline it</button>'
        "</div></form></div></div>"
    )
