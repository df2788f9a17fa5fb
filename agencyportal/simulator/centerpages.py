"""Pages that stand for a Business Center's website: shares are given and accepted."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from agencyportal.simulator import giving, seatpages
from agencyportal.simulator.context import Context
from agencyportal.simulator.faults import FAULTS
from agencyportal.simulator.pages import hidden, page, problem, redirect
from agencyportal.simulator.shares import decide_partnership, decide_share
from agencyportal.simulator.state import Center, Share, World
from agencyportal.simulator.wire import Request, Response


def home(context: Context, request: Request) -> Response:
    """GET /: what this is and where to go."""
    with context.store.lock:
        centers = "".join(
            f'<li><a href="/bc/{c.bc_id}/">{escape(c.name)}</a>'
            f' <span class="soft id">{c.bc_id}</span></li>'
            for c in context.store.world.centers
        )
        creators = "".join(
            f'<li><a href="/creator/{one.slug}/">{escape(one.name)}</a>'
            f' <span class="soft">@{escape(one.username)}</span></li>'
            for one in context.store.world.creators.values()
        )
        faults = "".join(
            f"<li>{escape(FAULTS[armed.fault].does)}"
            f' <span class="soft id">{escape(armed.endpoint)}</span></li>'
            for armed in context.ambush.waiting
        )
    body = f"""<h1>Simulated TikTok for Business</h1>
<p>It answers the API under <code>/open_api/v1.3/</code>, shows a consent page under
<code>/portal/auth</code>, and is steered under
<a href="/_control/"><code>/_control/</code></a>.</p>
<h2>Faults that wait for calls</h2>
{f"<ul>{faults}</ul>" if faults else "<p>None: every call goes well.</p>"}
<h2>Business Centers</h2><ul>{centers}</ul>
<h2>Creators</h2>{f"<ul>{creators}</ul>" if creators else "<p>None.</p>"}"""
    return page("Start", body, wide=True)


def show(context: Context, request: Request, bc_id: str) -> Response:
    """GET /bc/<bc_id>/: shares that wait, and what the center holds."""
    with context.store.lock:
        world = context.store.world
        center = world.center(bc_id)
        return _missing(bc_id) if center is None else _page(world, center)


def decide(context: Context, request: Request, bc_id: str) -> Response:
    """POST /bc/<bc_id>/: what a button says, of one share or of all of one giver."""
    form = {
        name: values[0]
        for name, values in parse_qs(request.body.decode(errors="replace")).items()
    }
    decision = form.get("decision")
    acts = {
        **dict.fromkeys(giving.DECISIONS, giving.carry_out),
        **dict.fromkeys(seatpages.DECISIONS, seatpages.carry_out),
    }
    if decision not in ("accept", "decline", *acts):
        return problem("No decision", "Press one of the buttons on the page.")
    with context.store.lock:
        center = context.store.world.center(bc_id)
        if center is None:
            return _missing(bc_id)
        if decision not in acts:
            _receive(context, bc_id, form, accept=decision == "accept")
        elif not acts[decision](context, center, form):
            return problem("Too late", "This has changed. Open the page anew.")
        context.store.is_dirty = True
        context.store.save()
    return redirect(f"/bc/{bc_id}/", status=303)


def _receive(
    context: Context, bc_id: str, form: dict[str, str], *, accept: bool
) -> None:
    world, now = context.store.world, context.store.now()
    for share in _waiting(world, bc_id):
        if share.giver == form.get("giver") and form.get("asset_id") in (
            None,
            share.asset_id,
        ):
            decide_share(world, share, accept=accept, now=now)
    if "asset_id" not in form:
        decide_partnership(world, form.get("giver", ""), bc_id, accept=accept)


def _missing(bc_id: str) -> Response:
    return problem("No such center", f"There is no center {bc_id}.", status=404)


def _waiting(world: World, bc_id: str) -> list[Share]:
    return [s for s in world.shares if s.receiver == bc_id and s.status == "PENDING"]


def _page(world: World, center: Center) -> Response:
    waiting = _waiting(world, center.bc_id)
    shareable = giving.given_by(world, center)
    givers = dict.fromkeys(share.giver for share in waiting)
    for one in world.partnerships:
        if one.partner_id == center.bc_id and not one.is_accepted:
            givers.setdefault(one.bc_id)
    groups = "".join(_group(world, center, giver, waiting) for giver in givers)
    held = "".join(
        _line(world, share.asset_id, f"{share.advertiser_role}, {share.status.lower()}")
        for share in world.shares
        if share.receiver == center.bc_id and share.status != "PENDING"
    ) + "".join(
        _line(world, account.advertiser_id, "owned")
        for account in world.accounts
        if account.owner_bc_id == center.bc_id and account not in shareable
    )
    cards = "".join(giving.card(world, center, account) for account in shareable)
    invited = seatpages.cards(world, center)
    seats = f"<h2>Invited members</h2>{invited}" if invited else ""
    nothing = "" if cards else "<p>None yet.</p>"
    body = f"""<h1>{escape(center.name)}</h1>
<p class="soft id">Business Center {center.bc_id}</p>
<p><a href="/bc/{center.bc_id}/requests/">Requests for access</a></p>
<h2>Waiting for you</h2>{groups or "<p>Nothing waits here.</p>"}
{seats}{_creators(world, center)}
<h2>Ad accounts</h2>{cards}{f"<ul>{held}</ul>" if held else nothing}"""
    return page(center.name, body, wide=True)


def _creators(world: World, center: Center) -> str:
    """List the creators' accounts of a center; each is let in and out on its page."""
    lines = "".join(
        f'<li><a href="/creator/{creator.slug}/">{escape(creator.name)}</a>'
        f' <span class="soft">{", ".join(hold.roles)}</span></li>'
        for hold in world.holds
        if hold.bc_id == center.bc_id
        for creator in [world.creators[hold.open_id]]
    )
    return f"<h2>Creators' accounts</h2><ul>{lines}</ul>" if lines else ""


def _group(world: World, center: Center, giver: str, waiting: list[Share]) -> str:
    partner = world.center(giver)
    name = escape(partner.name if partner else giver)
    shares = [share for share in waiting if share.giver == giver]
    cards = "".join(
        '<div class="card"><div>'
        f"{_name(world, share.asset_id)} as {share.advertiser_role}"
        f"{_buttons(center, giver, share.asset_id)}</div></div>"
        for share in shares
    )
    text = f"{name} shares {len(shares)} ad accounts with you."
    if len(shares) == 1:
        text = f"{name} shares an ad account with you."
    if not shares:
        text = f"{name} wants to be your partner."
    every = _buttons(center, giver, None, " all") if len(shares) != 1 else ""
    return f"<p><strong>{text}</strong></p>{every}{cards}"


def _buttons(center: Center, giver: str, asset_id: str | None, more: str = "") -> str:
    which = hidden("asset_id", asset_id) if asset_id else ""
    return (
        f'<form method="post" action="/bc/{center.bc_id}/">'
        f'{hidden("giver", giver)}{which}<div class="row">'
        f'<button class="main" name="decision" value="accept">Accept{more}</button>'
        f'<button name="decision" value="decline">Decline{more}</button></div></form>'
    )


def _name(world: World, asset_id: str) -> str:
    account = world.account(asset_id)
    name = escape(account.name) if account else "?"
    return f'{name} <span class="soft id">{asset_id}</span>'


def _line(world: World, asset_id: str, what: str) -> str:
    return f'<li>{_name(world, asset_id)} <span class="soft">{escape(what)}</span></li>'
