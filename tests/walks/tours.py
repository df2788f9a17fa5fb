"""What people open in a browser: every page of the walk, and every state of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import SparkAuthorization
from accounts.public import browser
from onboarding.models import LinkSession, SparkVisit
from onboarding.spark_words import STOPPED
from tests import gallery
from tests.factory import Factory
from tests.walks.addresses import addresses
from tests.walks.expected import GROUPS
from tests.walks.world import VISITOR, World

Stage = LinkSession.Stage
STAFF = ("access owner", "manager of A", "buyer of A")
# Pages that come from no visit: the doors', and those every other one extends.
NOT_OF_A_VISIT = {"403_csrf", "neutral", "other_browser", "page", "plain"}
EDITED = {
    *("adaccount", "businesscenter", "client", "platformlimit", "user"),
    *("creator", "member", "team"),
}
DESK = "admin:accounts_rolegrant_changelist"


@dataclass(frozen=True)
class Tour:
    """What one person opens, and the cookie that makes them this person."""

    who: str
    cookie: tuple[str, str] | None
    urls: list[str]


def tours_of(world: World, factory: Factory) -> list[Tour]:
    """Return the tours of colleagues, of a client's contact, and of a stranger."""
    hung = _hang(world, factory)
    owner, *others = STAFF
    visitor = world.browser(VISITOR).cookies[browser.COOKIE]
    visits = [reverse("visit", args=[pk]) for pk in _visits(world, factory)]
    visits += [reverse("spark_visit", args=[pk]) for pk in _creators(world, factory)]
    return [
        Tour(
            owner, _cookie(world, owner), [*pages(world, owner), *hung, *forms(world)]
        ),
        *(Tour(who, _cookie(world, who), [reverse("admin:index")]) for who in others),
        Tour(VISITOR, (visitor.key, visitor.value), [*pages(world, VISITOR), *visits]),
        Tour("anonymous", None, pages(world, "anonymous")),
    ]


def forms(world: World) -> list[str]:
    """Return the forms behind the pages whose rows are typed, as an owner sees them."""
    return [f"{url}?edit=1" for url in pages(world, STAFF[0]) if _is_edited(url)]


def _is_edited(url: str) -> bool:
    return url.endswith("/change/") and url.split("/")[3] in EDITED


def _cookie(world: World, who: str) -> tuple[str, str]:
    cookie = world.browser(who).cookies[settings.SESSION_COOKIE_NAME]
    return cookie.key, cookie.value


def pages(world: World, role: str) -> list[str]:
    """Return the addresses that show `role` a page; of refusals one of each kind."""
    shown: dict[str, str] = {}
    for address in addresses(world):
        answers = GROUPS[address.group].of(
            role, sees=world.sees(role, world.a), of_side=address.of_side
        )
        url = address.url(world.a, world)
        if answers == {200}:
            shown[url] = url
        elif answers & {403, 404, 410}:
            shown.setdefault(address.group, url)
    return list(shown.values())


def _hang(world: World, factory: Factory) -> Iterator[str]:
    """Yield the pages of a client with a grant of every state, and its lists."""
    people = world.people
    grants = gallery.hang(factory, people["manager of A"], people["buyer of A"])
    client = next(iter(grants.values())).asset.client
    yield reverse("admin:accounts_client_change", args=[client.pk])
    for grant in grants.values():
        yield reverse("admin:accounts_rolegrant_change", args=[grant.pk])
    yield reverse(DESK) + f"?client={client.pk}&stands=trouble"
    yield reverse(DESK) + "?q=nothing-of-that-name"


def _visits(world: World, factory: Factory) -> Iterator[Any]:
    """Yield a visit stopped by every problem, and one at every other stage."""
    folder = Path(settings.BASE_DIR) / "templates" / "problems"
    problems = {page.stem for page in folder.glob("*.html")} - NOT_OF_A_VISIT
    for problem in sorted({*problems, "no_center"}):
        yield _visit(world, factory, Stage.STOPPED, problem).pk
    yield _visit(world, factory, Stage.READING).pk
    yield _visit(world, factory, Stage.SHARED).pk


def _creators(world: World, factory: Factory) -> Iterator[Any]:
    """Yield a creator's visit stopped by every problem, and one in every state."""
    for problem in STOPPED:
        yield _creators_visit(world, factory, problem=problem).pk
    for state in SparkAuthorization.State:
        asked = factory.make_authorization(state=state, verified_at=timezone.now())
        visit = _creators_visit(world, factory, signed_in_as="@who", asked=asked)
        yield visit.pk


def _creators_visit(
    world: World, factory: Factory, *, asked: Any = None, **fields: Any
) -> SparkVisit:
    begun = world.a.spark_visit
    link = factory.make_spark_link(authorization=asked or world.a.spark)
    return SparkVisit.objects.create(
        link=link,
        browser_hash=begun.browser_hash,
        attempt=begun.attempt,
        offered=begun.offered,
        **fields,
    )


def _visit(
    world: World, factory: Factory, stage: Stage, problem: str = ""
) -> LinkSession:
    begun = world.a.visit
    return LinkSession.objects.create(
        link=factory.make_link(request=world.a.asked),
        item=begun.item,
        browser_hash=begun.browser_hash,
        attempt=begun.attempt,
        stage=stage,
        problem=problem,
        signed_in_as=begun.signed_in_as,
    )
