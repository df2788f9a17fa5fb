"""The consent page for creators, made for a phone (TikTok facts 3.1)."""

from __future__ import annotations

from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from agencyportal.simulator.consent import leave
from agencyportal.simulator.context import Context
from agencyportal.simulator.creatorask import CreatorAsk
from agencyportal.simulator.creatoroauth import make_code
from agencyportal.simulator.creatorscopes import CREATOR_SCOPES
from agencyportal.simulator.creatorstate import Creator
from agencyportal.simulator.pages import page
from agencyportal.simulator.scenarios import CREATORS
from agencyportal.simulator.state import World
from agencyportal.simulator.wire import Request, Response

COOKIE = "simulated_tiktok_creator"
SENTENCES = {scenario.name: scenario.sentence for scenario in CREATORS}
BUTTONS = """<div class="row last">
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="refuse">Refuse</button></div>"""
NOTHING = "Leave at least one tick, or press Refuse."
NOBODY = "Choose which account is yours."


def show(context: Context, request: Request) -> Response:
    """GET /v2/auth/authorize"""
    with context.store.lock:
        world, ask = context.store.world, CreatorAsk(request.query)
        refused = ask.refused_by(world)
        if refused is not None:
            return refused
        if wrong := ask.answer(world):
            return leave(context, wrong)
        chosen = world.creator(remembered(request))
        if chosen and not ask.asks_always and _has_granted(world, chosen, ask.scopes):
            return leave(context, _skipped(context, chosen, ask))
        return _page(world, ask, chosen)


def decide(context: Context, request: Request) -> Response:
    """POST /v2/auth/authorize: one button was pressed."""
    form = parse_qs(request.body.decode(errors="replace"), keep_blank_values=True)
    ask = CreatorAsk({name: values[0] for name, values in form.items()})
    with context.store.lock:
        world = context.store.world
        refused = ask.refused_by(world)
        if refused is not None:
            return refused
        if form.get("decision") == ["refuse"]:
            return leave(context, ask.refused())
        creator = world.creator(form.get("creator", [""])[0])
        scopes = [one for one in ask.scopes if one in form.get("granted", [])]
        if creator is None or not scopes:
            return _page(world, ask, creator, NOTHING if creator else NOBODY)
        response = leave(context, grant(context, creator, ask, scopes))
    response.headers["Set-Cookie"] = (
        f"{COOKIE}={creator.slug}; Path=/; HttpOnly; SameSite=Lax"
    )
    return response


def grant(
    context: Context, creator: Creator, ask: CreatorAsk, scopes: list[str]
) -> str:
    """Record a consent; return where it leads. The caller holds the store's lock."""
    code = make_code(
        context.store.world,
        creator,
        scopes,
        ask.redirect_uri,
        now=context.store.now(),
    )
    context.store.is_dirty = True
    context.store.save()
    return ask.granted(code.value, scopes)


def _skipped(context: Context, creator: Creator, ask: CreatorAsk) -> str:
    """Return where somebody goes who has granted the same before."""
    if context.store.world.switches["creator_skips_with_code"]:
        return grant(context, creator, ask, ask.scopes)
    return ask.location()


def _has_granted(world: World, creator: Creator, scopes: list[str]) -> bool:
    return any(
        pair.is_alive and set(scopes) <= set(pair.scopes)
        for pair in world.pairs.values()
        if pair.open_id == creator.open_id
    )


def remembered(request: Request) -> str:
    try:
        morsel = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _page(
    world: World, ask: CreatorAsk, chosen: Creator | None, wrong: str = ""
) -> Response:
    creators = creator_cards(world, chosen.slug if chosen else "")
    scopes = "".join(
        f'<div class="card"><input type="checkbox" name="granted" value="{escape(one)}"'
        f' id="scope-{escape(one)}" checked><label for="scope-{escape(one)}">'
        f"{escape(CREATOR_SCOPES.get(one, 'Something else'))}"
        f' <span class="soft id">{escape(one)}</span></label></div>'
        for one in ask.scopes
    )
    problem_line = f'<p class="problem" role="alert">{wrong}</p>' if wrong else ""
    body = f"""<h1>{escape(world.app.name)} asks for access to your TikTok account</h1>
<p>You decide. You can end it in TikTok's settings at any time.</p>{problem_line}
<form method="post" action="/v2/auth/authorize">{ask.fields()}
<h2>It wants to see or use</h2><fieldset><legend class="soft">Untick what you do not
give.</legend><div class="sheet">{scopes}</div></fieldset>
<h2>Signed in as</h2><fieldset><legend class="soft">Each creator shows one
case.</legend>{creators}</fieldset>{BUTTONS}</form>"""
    return page("Authorize", body, status=400 if wrong else 200)


def creator_cards(world: World, chosen: str) -> str:
    """Draw every creator as a sign-in to choose."""
    return "".join(
        f'<div class="card"><input type="radio" name="creator" value="{one.slug}"'
        f' id="creator-{one.slug}"{" checked" if one.slug == chosen else ""}>'
        f'<label for="creator-{one.slug}"><strong>{escape(one.name)}</strong>'
        f' <span class="soft">@{escape(one.username)}</span><br>'
        f'<span class="soft">{escape(SENTENCES.get(one.scenario, ""))}</span>'
        "</label></div>"
        for one in world.creators.values()
    )
