"""The sockets for what others show and offer on the client's, the grant's page ….

A desk states its own panels. A room above registers more, and its acts, in its
AppConfig; the desk draws all in order and knows none of those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

ContextOf = Callable[[HttpRequest, Any], dict[str, Any] | None]
ActOf = Callable[[HttpRequest, Any], dict[str, Any] | None]


@dataclass(frozen=True)
class Panel:
    """One card of a page. `context` returns what its template needs, or None to
    leave it out; its `title`, `note` and `url` keys fill the card's head, `tone` its
    edge."""

    title: str
    template: str
    context: ContextOf
    order: int
    column: str = "main"


# The templates of the books' own panels, by name.
PANEL = "accounts/panels/{}.html".format

_panels: defaultdict[str, list[Panel]] = defaultdict(list)
_acts: defaultdict[str, list[ActOf]] = defaultdict(list)
_nexts: defaultdict[str, list[ActOf]] = defaultdict(list)


def add_panel(noun: str, panel: Panel) -> None:
    """Show `panel` on every page of `noun` ("client", "grant" …), a desk below."""
    if panel not in _panels[noun]:
        _panels[noun].append(panel)


def add_act(noun: str, act: ActOf) -> None:
    """Offer the button `act` returns, {label, url, icon …}, on every page of `noun`.

    It returns None for those who may not press it.
    """
    if act not in _acts[noun]:
        _acts[noun].append(act)


def add_next(noun: str, banner: ActOf) -> None:
    """Say `banner`, {tone, title, sentence, act}, on top of the pages of `noun`.

    A page has one: the desk's own comes first where it is more urgent.
    """
    if banner not in _nexts[noun]:
        _nexts[noun].append(banner)


def next_of(noun: str, request: HttpRequest, subject: Any) -> dict[str, Any] | None:
    """Return the first banner somebody has for this page, None if nobody has."""
    told = (banner(request, subject) for banner in _nexts[noun])
    return next((banner for banner in told if banner is not None), None)


def acts_of(noun: str, request: HttpRequest, subject: Any) -> list[dict[str, Any]]:
    offered = [act(request, subject) for act in _acts[noun]]
    return [act for act in offered if act is not None]


def draw(
    noun: str, own: tuple[Panel, ...], request: HttpRequest, subject: Any
) -> list[dict[str, Any]]:
    """Return the drawn panels {title, note, url, html, column} of one page."""
    drawn = []
    for panel in sorted([*own, *_panels[noun]], key=lambda panel: panel.order):
        context = panel.context(request, subject)
        if context is None:
            continue
        drawn.append(
            {
                "title": context.get("title", panel.title),
                "tone": context.get("tone", ""),
                "note": context.get("note", ""),
                "url": context.get("url", ""),
                "column": panel.column,
                "html": render_to_string(panel.template, context, request),
            }
        )
    return drawn
