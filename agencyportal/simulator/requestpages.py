"""Pages of a request for access: our center asks, the account's owner answers."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from agencyportal.simulator import requesting
from agencyportal.simulator.calls import ADVERTISER_ROLES
from agencyportal.simulator.context import Context
from agencyportal.simulator.pages import hidden, page, problem, redirect
from agencyportal.simulator.requesting import APPROVE, CANCEL, REFUSE, UNLINK
from agencyportal.simulator.state import Account, Center, Relation, World
from agencyportal.simulator.wire import Request, Response

WORDS = {
    "PENDING": "waits for its owner",
    "BOUND": "approved",
    "REJECTED": "refused",
    "UNBOUND": "unlinked",
}


def of_center(context: Context, request: Request, bc_id: str) -> Response:
    """GET /bc/<id>/requests/: what a center asks for, and what it is asked for."""
    with context.store.lock:
        world = context.store.world
        center = world.center(bc_id)
        return _missing("center", bc_id) if center is None else _center(world, center)


def carry_out(context: Context, request: Request, bc_id: str) -> Response:
    """POST /bc/<id>/requests/: ask for an account, or cancel what was asked."""
    form = _form(request)
    with context.store.lock:
        no = _ask_or_cancel(context, bc_id, form)
        if no:
            return problem("Not sent", no)
        context.store.is_dirty = True
        context.store.save()
    return redirect(f"/bc/{bc_id}/requests/", status=303)


def of_account(context: Context, request: Request, asset_id: str) -> Response:
    """GET /account/<id>/: who asks for it and who has it, as its owner sees it."""
    with context.store.lock:
        world = context.store.world
        account = world.account(asset_id)
        if account is None:
            return _missing("ad account", asset_id)
        return _account(world, account)


def decide(context: Context, request: Request, asset_id: str) -> Response:
    """POST /account/<id>/: the owner approves, refuses, or ends it later."""
    form = _form(request)
    decision = form.get("decision", "")
    if decision not in (APPROVE, REFUSE, UNLINK):
        return problem("No decision", "Press one of the buttons on the page.")
    with context.store.lock:
        world, now = context.store.world, context.store.now()
        asked = requesting.find(world, form.get("bc_id", ""), asset_id)
        if asked is None or not requesting.decide(world, asked, decision, now=now):
            return problem("Too late", "This has changed. Open the page anew.")
        context.store.is_dirty = True
        context.store.save()
    return redirect(f"/account/{asset_id}/", status=303)


def _form(request: Request) -> dict[str, str]:
    sent = parse_qs(request.body.decode(errors="replace"))
    return {name: values[0] for name, values in sent.items()}


def _ask_or_cancel(context: Context, bc_id: str, form: dict[str, str]) -> str:
    """Do what was pressed; return in a sentence why not, "" when done."""
    world, now = context.store.world, context.store.now()
    asset_id = "".join(form.get("asset_id", "").split())
    if world.center(bc_id) is None:
        return f"There is no center {bc_id}."
    if form.get("decision") == CANCEL:
        asked = requesting.find(world, bc_id, asset_id)
        done = asked is not None and requesting.decide(world, asked, CANCEL, now=now)
        return "" if done else "This has changed. Open the page anew."
    account, role = world.account(asset_id), form.get("role", "")
    if no := requesting.why_not(world, bc_id, asset_id):
        return no
    if account is None or role not in ADVERTISER_ROLES:
        return "Choose a role."
    requesting.ask(world, bc_id, account, role, now=now)
    return ""


def _missing(what: str, its_id: str) -> Response:
    sentence = f"There is no {what} {its_id}."
    return problem(f"No such {what}", sentence, status=404)


def _center(world: World, center: Center) -> Response:
    options = "".join(
        f"<option{' selected' if role == 'OPERATOR' else ''}>{role}</option>"
        for role in ADVERTISER_ROLES
    )
    asked = "".join(
        _asked(world, one) for one in world.relations if one.bc_id == center.bc_id
    )
    owned = {
        one.advertiser_id: one
        for one in world.accounts
        if one.owner_bc_id == center.bc_id
    }
    asked_of = "".join(
        _link(world, asset_id)
        for asset_id in dict.fromkeys(one.asset_id for one in world.relations)
        if asset_id in owned
    )
    body = f"""<h1>{escape(center.name)}</h1>
<p class="soft id">Business Center <a href="/bc/{center.bc_id}/">{center.bc_id}</a></p>
<h2>Request access</h2><p>To an ad account of somebody else, by its id.</p>
<form method="post" action="/bc/{center.bc_id}/requests/"><div class="row">
<input name="asset_id" inputmode="numeric" aria-label="Ad account ID">
<select name="role" aria-label="Role">{options}</select>
{_button("request", "Send request", is_main=True)}</div></form>{asked}
<h2>Asked of you</h2>{asked_of or "<p>Nobody asks for your ad accounts.</p>"}"""
    return page(center.name, body, wide=True)


def _account(world: World, account: Account) -> Response:
    owner = world.center(account.owner_bc_id) or world.person(account.owner_user_id)
    cards = "".join(
        _to_decide(world, one)
        for one in world.relations
        if one.asset_id == account.advertiser_id
    )
    body = f"""<h1>{escape(account.name)}</h1>
<p class="soft id">Ad account {account.advertiser_id}, owned by
{escape(owner.name if owner else "nobody")}</p>
<h2>Requests for access</h2>{cards or "<p>Nobody asks for it.</p>"}"""
    return page(account.name, body, wide=True)


def _asked(world: World, one: Relation) -> str:
    cancel = (
        f'<form method="post" action="/bc/{one.bc_id}/requests/">'
        f'{hidden("asset_id", one.asset_id)}<div class="row">'
        f"{_button(CANCEL, 'Cancel request')}</div></form>"
        if one.relation_status == "PENDING"
        else ""
    )
    name = _link(world, one.asset_id)
    return f'<div class="card"><div>{name} {_as(one)}{cancel}</div></div>'


def _to_decide(world: World, one: Relation) -> str:
    center = world.center(one.bc_id)
    buttons = ""
    if one.relation_status == "PENDING":
        buttons = _button(APPROVE, "Approve", is_main=True) + _button(REFUSE, "Refuse")
    elif one.relation_status == "BOUND":
        buttons = _button(UNLINK, "Unlink")
    return (
        f'<div class="card"><div>{escape(center.name if center else one.bc_id)}'
        f' <span class="soft id">{one.bc_id}</span> {_as(one)}<form method="post"'
        f' action="/account/{one.asset_id}/">{hidden("bc_id", one.bc_id)}'
        f'<div class="row">{buttons}</div></form></div></div>'
    )


def _link(world: World, asset_id: str) -> str:
    account = world.account(asset_id)
    name = escape(account.name if account else "?")
    return (
        f'<p>{name} <a class="soft id" href="/account/{asset_id}/">{asset_id}</a></p>'
    )


def _as(one: Relation) -> str:
    role = f"as {one.advertiser_role}, " if one.advertiser_role else ""
    return f"{role}{WORDS[one.relation_status]}"


def _button(decision: str, word: str, *, is_main: bool = False) -> str:
    main = ' class="main"' if is_main else ""
    return f'<button{main} name="decision" value="{decision}">{word}</button>'
