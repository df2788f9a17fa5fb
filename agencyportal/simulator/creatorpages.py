"""A creator's own page, as the app shows it: posts and their codes, who has access."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from urllib.parse import parse_qs

from agencyportal.simulator.context import Context
from agencyportal.simulator.creatorstate import Ad, Creator, Post
from agencyportal.simulator.holds import end_hold, find_hold
from agencyportal.simulator.pages import hidden, page, problem, redirect
from agencyportal.simulator.pairs import end_pairs
from agencyportal.simulator.postrules import DAYS, allow, is_in_effect, withdraw
from agencyportal.simulator.posts import utc
from agencyportal.simulator.state import World
from agencyportal.simulator.wire import Request, Response

Act = Callable[[Context, Creator, dict[str, str]], bool]


def show(context: Context, request: Request, slug: str) -> Response:
    """GET /creator/<slug>/"""
    with context.store.lock:
        creator = context.store.world.creator(slug)
        return _missing(slug) if creator is None else _page(context, creator)


def decide(context: Context, request: Request, slug: str) -> Response:
    """POST /creator/<slug>/: what one button says."""
    fields = parse_qs(request.body.decode(errors="replace"))
    form = {name: values[0] for name, values in fields.items()}
    act = ACTS.get(form.get("decision", ""))
    if act is None:
        return problem("No decision", "Press one of the buttons on the page.")
    with context.store.lock:
        creator = context.store.world.creator(slug)
        if creator is None:
            return _missing(slug)
        if not act(context, creator, form):
            return problem("Too late", "This has changed. Open the page anew.")
        context.store.is_dirty = True
        context.store.save()
    return redirect(f"/creator/{creator.slug}/", status=303)


def _make_code(context: Context, creator: Creator, form: dict[str, str]) -> bool:
    post, days = _post(context, creator, form), form.get("days", "")
    if post is None or not days.isdecimal() or int(days) not in DAYS:
        return False
    allow(post, int(days), context.store.now())
    return True


def _withdraw_code(context: Context, creator: Creator, form: dict[str, str]) -> bool:
    post = _post(context, creator, form)
    if post is not None:
        withdraw(context.store.world, post)
    return post is not None


def _delete(context: Context, creator: Creator, form: dict[str, str]) -> bool:
    post = _post(context, creator, form)
    if post is not None:
        withdraw(context.store.world, post)
        post.is_deleted = True
    return post is not None


def _pause(context: Context, creator: Creator, form: dict[str, str]) -> bool:
    post = _post(context, creator, form)
    for ad in _ads(context.store.world, post) if post else ():
        ad.is_running = False
    return post is not None


def _withdraw_app(context: Context, creator: Creator, form: dict[str, str]) -> bool:
    end_pairs(context.store.world, creator.open_id)
    return True


def _leave(context: Context, creator: Creator, form: dict[str, str]) -> bool:
    world = context.store.world
    hold = find_hold(world, form.get("bc_id", ""), creator.open_id)
    if hold is not None:
        end_hold(world, hold, by="", now=context.store.now())
    return hold is not None


ACTS: dict[str, Act] = {
    "make_code": _make_code,
    "withdraw_code": _withdraw_code,
    "delete": _delete,
    "pause": _pause,
    "withdraw_app": _withdraw_app,
    "leave": _leave,
}


def _post(context: Context, creator: Creator, form: dict[str, str]) -> Post | None:
    post = context.store.world.posts.get(form.get("item_id", ""))
    is_own = post is not None and post.open_id == creator.open_id
    return post if is_own and post and not post.is_deleted else None


def _ads(world: World, post: Post) -> list[Ad]:
    return [ad for ad in world.ads if ad.item_id == post.item_id and ad.is_running]


def _missing(slug: str) -> Response:
    return problem("No such creator", f"There is no creator {slug}.", status=404)


def _page(context: Context, creator: Creator) -> Response:
    world, now = context.store.world, context.store.now()
    posts = "".join(
        _post_card(world, creator, post, now)
        for post in world.posts.values()
        if post.open_id == creator.open_id and not post.is_deleted
    )
    body = f"""<h1>{escape(creator.name)}</h1>
<p class="soft">@{escape(creator.username)}</p>
<h2>Posts</h2>{posts or "<p>No post is left.</p>"}
<h2>Who has access</h2>{_access(world, creator) or "<p>Nobody.</p>"}"""
    return page(creator.name, body)


def _post_card(world: World, creator: Creator, post: Post, now: float) -> str:
    options = "".join(
        f'<option value="{days}"{mark}>{days} days</option>'
        for days in DAYS
        for mark in [" selected" if days == 30 else ""]
    )
    code = "<p>No ad authorization code.</p>"
    buttons = ""
    if is_in_effect(post, post.code, now):
        code = (
            f"<p>Ad authorization code, until {utc(post.ends_at)} UTC:<br>"
            f'<code class="id">{escape(post.code)}</code></p>'
        )
        buttons = _button("withdraw_code", "Withdraw the code")
    ads = _ads(world, post)
    if ads:
        names = ", ".join(
            escape(account.name)
            for ad in ads
            if (account := world.account(ad.advertiser_id)) is not None
        )
        code += f"<p>Runs as an ad of {names}.</p>"
        buttons += _button("pause", "Pause the ad")
    return f"""<div class="card"><div><strong>{escape(post.text)}</strong>
<span class="soft id">{post.item_id}</span>{code}
<form method="post" action="/creator/{creator.slug}/">
{hidden("item_id", post.item_id)}<div class="row">
<select name="days" aria-label="For how long">{options}</select>
{_button("make_code", "Make a code")}{buttons}{_button("delete", "Delete the post")}
</div></form></div></div>"""


def _access(world: World, creator: Creator) -> str:
    apps = any(
        pair.is_alive and pair.open_id == creator.open_id
        for pair in world.pairs.values()
    )
    cards = (
        _access_card(creator, escape(world.app.name), "", "withdraw_app")
        if apps
        else ""
    )
    for hold in world.holds:
        center = world.center(hold.bc_id)
        if hold.open_id == creator.open_id and center is not None:
            name = f"{escape(center.name)}, {', '.join(hold.roles)}"
            field = hidden("bc_id", hold.bc_id)
            cards += _access_card(creator, name, field, "leave")
    return cards


def _access_card(creator: Creator, name: str, field: str, decision: str) -> str:
    return (
        f'<div class="card"><div>{name}<form method="post"'
        f' action="/creator/{creator.slug}/">{field}<div class="row">'
        f"{_button(decision, 'Take access back')}</div></form></div></div>"
    )


def _button(decision: str, words: str) -> str:
    return f'<button name="decision" value="{decision}">{words}</button>'
