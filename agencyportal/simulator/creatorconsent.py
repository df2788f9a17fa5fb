"""The consent page for creators, made for a phone (TikTok facts 3.1)."""

from __future__ import annotations

from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

from agencyportal.simulator.consent import leave
from agencyportal.simulator.context import Context
from agencyportal.simulator.creatoroauth import make_code
from agencyportal.simulator.creatorscopes import CREATOR_SCOPES
from agencyportal.simulator.creatorstate import Creator
from agencyportal.simulator.pages import hidden, page, problem
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


class CreatorAsk:
    """What the app asks a creator for, by the parameters of the address."""

    def __init__(self, values: dict[str, str]) -> None:
        self.client_key = values.get("client_key", "")
        self.redirect_uri = values.get("redirect_uri", "")
        self.response_type = values.get("response_type", "")
        self.state = values.get("state")
        self.scopes = [one for one in values.get("scope", "").split(",") if one]
        self.asks_always = values.get("disable_auto_auth") == "1"

    def refused_by(self, world: World) -> Response | None:
        """Return the page for a wrong app or address, which never redirects."""
        if self.client_key != world.app.app_id:
            return problem(
                "Unknown app",
                f"There is no app {self.client_key or 'without a client_key'}."
                " Check TIKTOK_APP_ID.",
            )
        if self.redirect_uri not in world.app.redirect_uris:
            return problem(
                "Redirect address not registered",
                f"The app does not list {self.redirect_uri or 'an empty address'}."
                " Register it under TikTok account holder redirect URLs.",
            )
        if world.switches["creator_redirect_rule"] and not _keeps_rule(
            self.redirect_uri
        ):
            return problem(
                "Redirect address not allowed",
                "It must be https, end with a slash, and have no port and no query.",
            )
        if self.response_type != "code":
            return problem("Wrong response_type", "It must be code.")
        return None

    def answer(self, world: World) -> str:
        """Return where a page that fails as a whole goes, "" when it can be shown."""
        if self.scopes and set(self.scopes) <= set(world.app.creator_scopes):
            return ""
        return self.location(
            error="invalid_scope", error_description="A scope is not the app's."
        )

    def location(self, **values: str) -> str:
        if self.state is not None:
            values["state"] = self.state
        mark = "&" if "?" in self.redirect_uri else "?"
        return self.redirect_uri + (mark + urlencode(values) if values else "")

    def granted(self, code: str, scopes: list[str]) -> str:
        return self.location(code=code, scopes=",".join(scopes))

    def refused(self) -> str:
        return self.location(
            error="access_denied", error_description="The user refused."
        )

    def fields(self) -> str:
        values = {
            "client_key": self.client_key,
            "scope": ",".join(self.scopes),
            "response_type": self.response_type,
            "redirect_uri": self.redirect_uri,
        }
        if self.state is not None:
            values["state"] = self.state
        return "".join(hidden(name, value) for name, value in values.items())


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


def _keeps_rule(uri: str) -> bool:
    parts = urlsplit(uri)
    return (
        parts.scheme == "https"
        and uri.endswith("/")
        and parts.port is None
        and not parts.query
        and not parts.fragment
        and 10 <= len(uri) <= 512
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
