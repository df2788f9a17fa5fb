"""The page behind a center's QR code: a creator lets the center use their account."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from agencyportal.simulator.context import Context
from agencyportal.simulator.creatorconsent import COOKIE, creator_cards, remembered
from agencyportal.simulator.creatorstate import CenterLink
from agencyportal.simulator.holds import approve
from agencyportal.simulator.pages import page, problem
from agencyportal.simulator.state import Center
from agencyportal.simulator.wire import Request, Response

RIGHTS = {
    "POST": "Your profile, your public videos, and the posts you release for ads",
    "LIVE": "Your profile and your live videos",
}
BUTTONS = """<div class="row last">
<button class="main" name="decision" value="approve">Approve</button>
<button name="decision" value="refuse">Refuse</button></div>"""


def show(context: Context, request: Request, value: str) -> Response:
    """GET /qr/<value>/"""
    with context.store.lock:
        center = _center(context, value)
        if center is None:
            return _ended()
        return _page(context, center, value, remembered(request))


def decide(context: Context, request: Request, value: str) -> Response:
    """POST /qr/<value>/: the creator approves some rights, or refuses."""
    form = parse_qs(request.body.decode(errors="replace"))
    with context.store.lock:
        world, center = context.store.world, _center(context, value)
        if center is None:
            return _ended()
        if form.get("decision") != ["approve"]:
            return _done("Refused", f"{center.name} gets nothing.")
        creator = world.creator(form.get("creator", [""])[0])
        roles = [one for one in RIGHTS if one in form.get("role", [])]
        if creator is None or not roles:
            wrong = "Choose which account is yours, and leave at least one tick."
            return _page(context, center, value, "", wrong)
        approve(world, center.bc_id, creator, roles, now=context.store.now())
        context.store.is_dirty = True
        context.store.save()
    response = _done("Approved", f"{center.name} may use @{creator.username} now.")
    response.headers["Set-Cookie"] = (
        f"{COOKIE}={creator.slug}; Path=/; HttpOnly; SameSite=Lax"
    )
    return response


def is_open(context: Context, link: CenterLink) -> bool:
    life = int(context.store.world.switches["center_link_seconds"])
    return not life or context.store.now() < link.made_at + life


def _center(context: Context, value: str) -> Center | None:
    link = context.store.world.center_links.get(value)
    if link is None or not is_open(context, link):
        return None
    return context.store.world.center(link.bc_id)


def _ended() -> Response:
    return problem(
        "This code has ended", "Ask whoever gave it to you for a new one.", status=404
    )


def _done(title: str, sentence: str) -> Response:
    body = f"<h1>{title}</h1><p>{escape(sentence)} You can close this page.</p>"
    return page(title, body)


def _page(
    context: Context, center: Center, value: str, chosen: str, wrong: str = ""
) -> Response:
    ticks = "".join(
        f'<div class="card"><input type="checkbox" name="role" value="{role}"'
        f' id="role-{role}" checked><label for="role-{role}">{text}'
        f' <span class="soft id">{role}</span></label></div>'
        for role, text in RIGHTS.items()
    )
    problem_line = f'<p class="problem" role="alert">{wrong}</p>' if wrong else ""
    body = f"""<h1>{escape(center.name)} wants to use your TikTok account in ads</h1>
<p>You can end it in TikTok's settings at any time.</p>{problem_line}
<form method="post" action="/qr/{escape(value)}/">
<h2>It wants to use</h2><fieldset><legend class="soft">Untick what you do not
give.</legend><div class="sheet">{ticks}</div></fieldset>
<h2>Signed in as</h2><fieldset><legend class="soft">Choose an account.</legend>
{creator_cards(context.store.world, chosen)}</fieldset>{BUTTONS}</form>"""
    return page("Approve", body, status=400 if wrong else 200)
