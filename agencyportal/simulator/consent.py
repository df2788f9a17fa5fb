"""The consent page and its hop over a second origin (TikTok facts 2.1)."""

from __future__ import annotations

import secrets
from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode

from agencyportal.simulator.calls import Call
from agencyportal.simulator.context import Context
from agencyportal.simulator.oauth import make_code, reachable
from agencyportal.simulator.pages import hidden, page, problem, redirect
from agencyportal.simulator.params import Params
from agencyportal.simulator.scenarios import SCENARIOS
from agencyportal.simulator.scopes import NAMES
from agencyportal.simulator.state import Person, Token, World
from agencyportal.simulator.wire import Request, Response

COOKIE = "simulated_tiktok_person"
SENTENCES = {scenario.name: scenario.sentence for scenario in SCENARIOS}
MOST_TICKETS = 1000
AGENCY_RETURN = "/agency/tiktok/"
BUTTONS = """<div class="row last">
<button class="main" name="decision" value="authorize">Authorize</button>
<button name="decision" value="refuse">Refuse</button></div>"""


class Ask:
    """What the app asks for: the three parameters of the authorization URL."""

    def __init__(self, values: dict[str, str]) -> None:
        self.app_id = values.get("app_id", "")
        self.redirect_uri = values.get("redirect_uri", "")
        self.state = values.get("state")

    def refused_by(self, world: World) -> Response | None:
        """Return the page for an unknown app or address, which never redirects."""
        if self.app_id != world.app.app_id:
            return problem(
                "Unknown app",
                f"There is no app {self.app_id or 'without an app_id'}."
                " Check TIKTOK_APP_ID.",
            )
        if self.redirect_uri not in world.app.redirect_uris:
            return problem(
                "Redirect address not registered",
                f"The app does not list {self.redirect_uri or 'an empty address'}."
                " Register it under Advertiser redirect URLs.",
            )
        return None

    def fields(self) -> str:
        return (
            hidden("app_id", self.app_id)
            + hidden("redirect_uri", self.redirect_uri)
            + ("" if self.state is None else hidden("state", self.state))
        )


def location(world: World, ask: Ask, code: str | None) -> str:
    """Return where the browser goes with a code, or after a refusal (None)."""
    values: dict[str, str] = {}
    kind = world.switches["callback_code"]
    if code is None:
        if world.switches["refusal_error"]:
            values["error"] = "access_denied"
    else:
        if kind in ("auth_code", "both"):
            values["auth_code"] = code
        if kind in ("code", "both"):
            values["code"] = code
    if ask.state is not None:
        values["state"] = ask.state
    mark = "&" if "?" in ask.redirect_uri else "?"
    return ask.redirect_uri + (mark + urlencode(values) if values else "")


def show(context: Context, request: Request) -> Response:
    """GET /portal/auth"""
    with context.store.lock:
        world = context.store.world
        ask = Ask(request.query)
        return ask.refused_by(world) or _page(world, ask, _remembered(request))


def decide(context: Context, request: Request) -> Response:
    """POST /portal/auth: one button was pressed."""
    form = parse_qs(request.body.decode(errors="replace"), keep_blank_values=True)
    ask = Ask({name: values[0] for name, values in form.items()})
    with context.store.lock:
        world = context.store.world
        refused = ask.refused_by(world)
        if refused is not None:
            return refused
        person = world.person(form.get("person", [""])[0])
        if form.get("decision") == ["refuse"]:
            return leave(context, location(world, ask, None))
        if person is None:
            return _page(world, ask, "", "Choose who you are signed in as.")
        scopes = [one for one in world.app.scopes if str(one) in form.get("scope", [])]
        accounts = None
        if world.switches["consent_accounts"] == "pick":
            if "picked" not in form:
                return _account_page(context, ask, person, scopes)
            accounts = form.get("account", [])
        code = make_code(
            world,
            person,
            now=context.store.now(),
            scopes=scopes,
            advertiser_ids=accounts,
        )
        context.store.is_dirty = True
        context.store.save()
        response = leave(context, location(world, ask, code.value))
    response.headers["Set-Cookie"] = (
        f"{COOKIE}={person.slug}; Path=/portal; HttpOnly; SameSite=Lax"
    )
    return response


def hop(context: Context, request: Request) -> Response:
    """GET /passport/return on the second origin: send the browser back."""
    ticket = request.query.get("ticket", "")
    if ticket not in context.tickets:
        return _no_ticket()
    back = urlencode({"ticket": ticket})
    return redirect(f"{context.base_url}/portal/finish?{back}")


def finish(context: Context, request: Request) -> Response:
    """GET /portal/finish: leave for the app; a ticket works once."""
    target = context.tickets.pop(request.query.get("ticket", ""), None)
    return redirect(target) if target is not None else _no_ticket()


def leave(context: Context, target: str) -> Response:
    """Send the browser to the app by way of the second origin."""
    ticket = secrets.token_urlsafe(16)
    while len(context.tickets) >= MOST_TICKETS:
        context.tickets.pop(next(iter(context.tickets)))
    context.tickets[ticket] = target
    query = urlencode({"ticket": ticket})
    return redirect(f"{context.second_url}/passport/return?{query}")


def _no_ticket() -> Response:
    return problem("Nothing to finish", "This sign-in is over. Start it again.")


def _remembered(request: Request) -> str:
    try:
        morsel = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _page(world: World, ask: Ask, chosen: str, wrong: str = "") -> Response:
    groups: dict[bool, list[str]] = {False: [], True: []}
    for person in world.people:
        is_ours = person.scenario.startswith("agency_")
        groups[is_ours].append(_person_card(person, chosen))
    if ask.redirect_uri.endswith(AGENCY_RETURN):
        groups = {True: groups[True], False: groups[False]}
    people = "".join(
        f"<h3>{'At the agency' if is_ours else 'At clients'}</h3>{''.join(cards)}"
        for is_ours, cards in groups.items()
        if cards
    )
    scopes = "".join(
        f'<div class="card"><input type="checkbox" name="scope" value="{one}"'
        f' id="scope-{one}" checked><label for="scope-{one}">'
        f'{escape(NAMES.get(one, "Permission"))} <span class="soft">{one}</span>'
        "</label></div>"
        for one in world.app.scopes
    )
    problem_line = f'<p class="problem" role="alert">{wrong}</p>' if wrong else ""
    body = f"""<h1>{escape(world.app.name)} asks for access to your TikTok for Business
account</h1><p>You decide. You can end it later in your settings.</p>{problem_line}
<form method="post" action="/portal/auth">{ask.fields()}
<h2>It wants permission for</h2><fieldset><legend class="soft">Untick what you do not
give.</legend><div class="sheet">{scopes}</div></fieldset>
<h2>Signed in as</h2><fieldset><legend class="soft">Each person shows one case.</legend>
{people}</fieldset>
{BUTTONS}</form>"""
    return page("Authorize", body, status=400 if wrong else 200)


def _person_card(person: Person, chosen: str) -> str:
    mark = " checked" if person.slug == chosen else ""
    slug = escape(person.slug)
    return (
        f'<div class="card"><input type="radio" name="person" value="{slug}"'
        f' id="person-{slug}"{mark}><label for="person-{slug}">'
        f'<strong>{escape(person.name)}</strong> <span class="soft">'
        f"{escape(person.email)}</span><br>"
        f'<span class="soft">{escape(SENTENCES.get(person.scenario, ""))}</span>'
        "</label></div>"
    )


def _account_page(
    context: Context, ask: Ask, person: Person, scopes: list[int]
) -> Response:
    token = Token("", person.user_id, scopes, None, 0.0)
    call = Call(context.store, Params({}), context.store.now(), token)
    cards = "".join(
        f'<div class="card"><input type="checkbox" name="account" checked'
        f' value="{a.advertiser_id}" id="account-{a.advertiser_id}">'
        f'<label for="account-{a.advertiser_id}">{escape(a.name)}'
        f' <span class="soft id">{a.advertiser_id}</span></label></div>'
        for a in reachable(call, token)
    )
    kept = "".join(hidden("scope", str(one)) for one in scopes)
    body = f"""<h1>Which ad accounts?</h1><p>Signed in as {escape(person.name)}.</p>
<form method="post" action="/portal/auth">{ask.fields()}{kept}
{hidden("person", person.slug)}{hidden("picked", "1")}<fieldset>
<legend class="soft">Only these can be reached.</legend>{cards}</fieldset>
{BUTTONS}</form>"""
    return page("Choose ad accounts", body)
