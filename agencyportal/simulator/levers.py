"""What the control door changes. Each lever returns what there is to see now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agencyportal.simulator import cast, views
from agencyportal.simulator.assets import RELATION_STATUSES
from agencyportal.simulator.context import Context
from agencyportal.simulator.members import accept_invitation, decline_invitation
from agencyportal.simulator.params import Params
from agencyportal.simulator.state import Center, Member, Person
from agencyportal.simulator.switches import SWITCHES
from agencyportal.simulator.worlds import WORLDS


class ControlError(Exception):
    """A control call that cannot be done; answered with its HTTP status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def find_person(context: Context, ref: str) -> Person:
    person = context.store.world.person(ref)
    if person is None:
        raise ControlError(f"There is no person {ref}. GET /_control/people.", 404)
    return person


def find_center(context: Context, bc_id: str) -> Center:
    center = context.store.world.center(bc_id)
    if center is None:
        raise ControlError(f"There is no center {bc_id}. GET /_control/centers.", 404)
    return center


def numbers(params: Params, name: str) -> list[int] | None:
    """Return a list of scope numbers, None when it is absent."""
    value = params.values.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or any(type(one) is not int for one in value):
        raise ControlError(f"{name}: give a list of numbers.")
    return value


def set_app(context: Context, params: Params, argument: str) -> dict[str, Any]:
    app = context.store.world.app
    uris, scopes = params.texts("redirect_uris"), numbers(params, "scopes")
    if "redirect_uris" in params.values:
        app.redirect_uris = uris
    if "creator_scopes" in params.values:
        app.creator_scopes = params.texts("creator_scopes")
    if scopes is not None:
        app.scopes = scopes
    return views.app(context, params, argument)


def add_person(context: Context, params: Params, argument: str) -> dict[str, Any]:
    world = context.store.world
    slug, email = params.text("id"), params.text("email")
    name, scenario = params.text("name"), params.text("scenario", default="")
    if not slug.replace("-", "").isalnum() or not slug.isascii():
        raise ControlError("id: use letters, digits and hyphens.")
    if world.person(slug):
        raise ControlError(f"There is a person {slug} already.")
    _check_scenario(scenario)
    person = cast.add_person(world, slug, name, email)
    if scenario:
        cast.play(world, person, scenario)
    return _one_person(context, person)


def set_person(context: Context, params: Params, argument: str) -> dict[str, Any]:
    person = find_person(context, argument)
    scenario = params.text("scenario", default="")
    withheld = numbers(params, "withheld_scopes")
    allowed = SWITCHES["reauthorization"].values
    rule = params.choice("reauthorization", [str(v) for v in allowed], default="")
    _check_scenario(scenario)
    if scenario and person.scenario.startswith("agency_"):
        raise ControlError("The agency's own people keep their scenario.")
    if scenario:
        cast.play(context.store.world, person, scenario)
    if withheld is not None:
        person.withheld_scopes = withheld
    if "reauthorization" in params.values:
        person.reauthorization = rule
    return _one_person(context, person)


def _check_scenario(name: str) -> None:
    if name and name not in cast.BUILDERS:
        raise ControlError(f"scenario: one of {', '.join(sorted(cast.BUILDERS))}.")


def _one_person(context: Context, person: Person) -> dict[str, Any]:
    rows = views.people(context, Params({}), "")
    return next(row for row in rows if row["id"] == person.slug)


def add_center(context: Context, params: Params, argument: str) -> dict[str, Any]:
    world, name = context.store.world, params.text("name")
    if any(center.name == name for center in world.centers):
        raise ControlError(f"There is a center {name} already.")
    seats = [
        (find_person(context, ref), role)
        for field, role in (("admins", "ADMIN"), ("standards", "STANDARD"))
        for ref in params.texts(field)
    ]
    center = cast.add_center(
        world,
        name,
        params.text("company", default=name),
        receives_by_hand=params.boolean("receives_by_hand", default=False),
        shares_wait=params.boolean("shares_wait", default=False),
    )
    for person, role in seats:
        cast.add_member(world, center, person, role)
    return _one_center(context, center)


def set_center(context: Context, params: Params, argument: str) -> dict[str, Any]:
    center = find_center(context, argument)
    by_hand = params.boolean("receives_by_hand", default=center.receives_by_hand)
    wait = params.boolean("shares_wait", default=center.shares_wait)
    center.receives_by_hand, center.shares_wait = by_hand, wait
    return _one_center(context, center)


def _one_center(context: Context, center: Center) -> dict[str, Any]:
    rows = views.centers(context, Params({}), "")
    return next(row for row in rows if row["bc_id"] == center.bc_id)


def add_account(context: Context, params: Params, argument: str) -> dict[str, Any]:
    world, name = context.store.world, params.text("name")
    bc_id = params.id("bc_id", default="")
    ref = params.text("person", default="")
    if bool(bc_id) == bool(ref):
        raise ControlError("Give bc_id or person, whoever owns the ad account.")
    if any(account.name == name for account in world.accounts):
        raise ControlError(f"There is an ad account {name} already.")
    center = find_center(context, bc_id) if bc_id else None
    person = find_person(context, ref) if ref else None
    company = params.text("company", default=center.company if center else name)
    account = cast.add_account(world, name, company, center=center, person=person)
    return asdict(account)


def set_account(context: Context, params: Params, argument: str) -> dict[str, Any]:
    account = context.store.world.account(argument)
    if account is None:
        raise ControlError(f"There is no account {argument}.", 404)
    status = params.text("status", default=account.status)
    relation = params.choice(
        "relation_status", RELATION_STATUSES, default=account.relation_status
    )
    account.status, account.relation_status = status, relation
    return asdict(account)


def accept_member(context: Context, params: Params, argument: str) -> dict[str, Any]:
    world = context.store.world
    center, email = find_center(context, params.id("bc_id")), params.text("email")
    person = next((p for p in world.people if p.email == email), None)
    if person is None:
        raise ControlError(f"Nobody has the address {email}. Add a person first.", 404)
    invited = _invited(context, center, email)
    accept_invitation(world, invited, person, now=context.store.now())
    return _one_center(context, center)


def decline_member(context: Context, params: Params, argument: str) -> dict[str, Any]:
    center, email = find_center(context, params.id("bc_id")), params.text("email")
    invited = _invited(context, center, email)
    decline_invitation(context.store.world, invited, now=context.store.now())
    return _one_center(context, center)


def _invited(context: Context, center: Center, email: str) -> Member:
    wanted = (center.bc_id, email, "PENDING")
    for member in context.store.world.members:
        if (member.bc_id, member.email, member.relation_status) == wanted:
            return member
    raise ControlError(f"{email} has no open invitation to {center.name}.", 404)


def set_switches(context: Context, params: Params, argument: str) -> dict[str, Any]:
    for name, value in params.values.items():
        if name not in SWITCHES:
            raise ControlError(f"There is no switch {name}. GET /_control/switches.")
        if not SWITCHES[name].accepts(value):
            allowed = SWITCHES[name].values or f"0 to {SWITCHES[name].most}"
            raise ControlError(f"{name}: allowed is {allowed}.")
    context.store.world.switches.update(params.values)
    return views.switches(context, params, "")


def reset_counters(context: Context, params: Params, argument: str) -> dict[str, Any]:
    context.journal.clear()
    context.traffic.clear()
    return views.counters(context, params, "")


def advance_clock(context: Context, params: Params, argument: str) -> dict[str, Any]:
    seconds = params.integer("advance_seconds", default=0, least=0, most=10**9)
    context.store.world.clock_offset += seconds
    return {"now": context.store.now()}


def reset(context: Context, params: Params, argument: str) -> dict[str, Any]:
    name = params.text("world", default="demo")
    if name not in WORLDS:
        raise ControlError(f"world: one of {', '.join(sorted(WORLDS))}.")
    context.store.reset(name)
    context.journal.clear()
    context.traffic.clear()
    context.tickets.clear()
    context.ambush.waiting.clear()
    return {"world": name}
