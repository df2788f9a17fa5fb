"""Every address in every role: what it answers, to whom, with which headers.

The walk is generated from the URLconf, so a new page is judged from its first day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.factory import Factory
from tests.walks.addresses import Address, addresses
from tests.walks.expected import COLUMNS, GROUPS, LEAP, LOGIN
from tests.walks.walk import Visit, fingerprints, walk
from tests.walks.world import VISITOR, Side, World, make_world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.long,
    pytest.mark.only_on("sqlite"),  # pages look alike on every database
    pytest.mark.xdist_group("walk"),  # one worker walks, for all tests
]

# Whoever holds a link's token reads what the link is about.
TOKEN_BEARING = {"link", "link_invited", "link_start", "spark_link", "spark_start"}

# Whoever may look has a calendar address of their own, and makes it themselves.
THEIR_OWN = {"admin:accounts_post_feed", "admin:accounts_post_feed_revoke"}
# Pages of the desks and of the agency's own sign-in; the rest is for everybody.
STAFF_PAGES = ("admin/", "connect/agency/")

# What a post to somebody else's page gets; LEAP is the stock redirect to /change/.
REFUSED = {403, 404, 405, LEAP, LOGIN}

# Roles to whom at least one of the two clients is a stranger.
SEE_ALL = {"access owner", "auditor", "superuser"}
SEE_SOME = set(COLUMNS) - SEE_ALL


@dataclass
class Walk:
    """What all roles got, and which tables moved while they read."""

    visits: list[Visit] = field(default_factory=list)
    moved: dict[str, list[str]] = field(default_factory=dict)


_walks: list[Walk] = []


@pytest.fixture(autouse=True)
def no_log() -> Iterator[None]:
    """Thousands of refusals are logged here, each with its traceback."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(factory: Factory) -> World:
    return make_world(factory)


@pytest.fixture
def walked(request: pytest.FixtureRequest) -> Walk:
    """Every page in every role, walked once for all tests: it takes a while."""
    if not _walks:
        _walks.append(walk_everywhere(request.getfixturevalue("world")))
    return _walks[0]


@pytest.fixture
def visits(walked: Walk) -> list[Visit]:
    return walked.visits


def walk_everywhere(world: World) -> Walk:
    told = Walk()
    for role in world.roles:
        browser = world.browser(role)
        before = fingerprints()
        told.visits += walk(world, role, browser=browser)
        told.moved[role] = changed(before, fingerprints())
    return told


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [table for table in before if before[table] != after[table]]


def test_it_never_fails(visits: list[Visit]) -> None:
    assert [str(one) for one in visits if one.status >= 500] == []


def test_it_answers_as_the_table_says(visits: list[Visit]) -> None:
    wrong = []
    for one in visits:
        expected = GROUPS[one.address.group].of(
            one.role,
            sees=one.sees,
            of_side=one.address.of_side,
        )
        if one.answer not in expected:
            wrong.append(f"{one}: {one.answer}, not {sorted(map(str, expected))}")
    assert wrong == []


def test_it_walks_every_pair(world: World, visits: list[Visit]) -> None:
    """(URL, role, own or foreign): as many as the URLconf and the cast make."""
    pairs = sum(2 if one.of_side else 1 for one in addresses(world))
    assert len(visits) == pairs * len(world.roles)
    foreign = [one for one in visits if one.address.of_side and not one.sees]
    print(f"{len(visits)} pairs of address and role, {len(foreign)} of them foreign")
    assert foreign


def test_it_names_no_client_to_a_stranger(visits: list[Visit]) -> None:
    judged = [one for one in visits if one.address.named not in TOKEN_BEARING]
    assert [leak for one in judged for leak in one.leaks] == []


def test_the_marks_are_found_where_they_may_stand(visits: list[Visit]) -> None:
    """Or the test above would prove nothing."""
    bodies = "".join(one.body.lower() for one in visits if one.role == "access owner")
    for side in {id(one.side): one.side for one in visits}.values():
        assert [mark for mark in side.marks if mark not in bodies] == []


@pytest.mark.parametrize("role", ["manager of A", "buyer of A", "buyer of nobody"])
def test_no_search_finds_a_strangers(world: World, role: str) -> None:
    browser = world.browser(role)
    found = []
    for desk in admin.site._registry.values():
        if not desk.search_fields:
            continue
        meta = desk.opts
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        for term in (world.b.word, world.b.account.external_id):
            page = browser.get(url, {"q": term})
            if page.status_code == 200 and page.context["cl"].result_count:
                found.append(f"{url}?q={term}")
    assert found == []


@pytest.mark.parametrize("role", ["manager of A", "buyer of nobody"])
def test_no_autocomplete_offers_a_strangers(world: World, role: str) -> None:
    browser = world.browser(role)
    asked = 0
    for model, desk in admin.site._registry.items():
        for field_name in desk.autocomplete_fields:
            field = {
                "app_label": model._meta.app_label,
                "model_name": model._meta.model_name,
                "field_name": field_name,
            }
            for term in ("", world.b.word):
                page = browser.get(
                    reverse("admin:autocomplete"), {**field, "term": term}
                )
                asked += page.status_code == 200
                told = page.content.decode().lower()
                assert [mark for mark in world.b.marks if mark in told] == []
    assert asked


STRICT = {"'self'", "'none'", "data:"}


def test_every_answer_has_a_strict_policy(visits: list[Visit]) -> None:
    for one in visits:
        parts = one.headers["Content-Security-Policy"].split(";")
        policy = dict(part.strip().split(" ", 1) for part in parts)
        allowed = {source for sources in policy.values() for source in sources.split()}
        assert allowed <= STRICT, str(one)
        assert "data:" not in policy["default-src"] + policy["script-src"], str(one)
        assert policy["frame-ancestors"] == "'none'", str(one)
        assert policy["form-action"] == "'self'", str(one)
        assert policy["object-src"] == "'none'", str(one)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Referrer-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("X-Robots-Tag", "noindex, nofollow"),
    ],
)
def test_every_answer_carries(visits: list[Visit], header: str, value: str) -> None:
    assert {str(one) for one in visits if one.headers.get(header) != value} == set()


def test_no_answer_may_be_shared_by_a_cache(visits: list[Visit]) -> None:
    shared = [
        str(one)
        for one in visits
        if "public" in (told := one.headers.get("Cache-Control", "public"))
        or not ("no-store" in told or "private" in told or "max-age=0" in told)
    ]
    assert shared == []


def test_every_answer_has_a_request_id_of_its_own(visits: list[Visit]) -> None:
    ids = {one.headers["X-Request-Id"] for one in visits}
    assert len(ids) == len(visits)
    assert all(len(one) == 32 for one in ids)


def test_no_page_brings_anything_inline(visits: list[Visit]) -> None:
    """The policy would refuse it, and the page would look broken."""
    inline = [
        f"{one}: {word}"
        for one in visits
        if one.headers["Content-Type"].startswith("text/html")
        for word in (" style=", "<style", " onclick=", " onload=", "javascript:")
        if word in one.body
    ]
    assert inline == []


def test_reading_changes_nothing(walked: Walk) -> None:
    assert {role: tables for role, tables in walked.moved.items() if tables} == {}


@pytest.mark.parametrize("role", ["anonymous", VISITOR, "access owner"])
def test_head_changes_nothing_either(world: World, role: str) -> None:
    browser = world.browser(role)
    before = fingerprints()
    heads = list(walk(world, role, browser=browser, method="head"))
    assert changed(before, fingerprints()) == []
    assert [str(one) for one in heads if one.body or one.status >= 500] == []


@pytest.mark.parametrize("role", ["anonymous", VISITOR, "auditor", "buyer of nobody"])
def test_a_post_of_those_who_only_look_changes_nothing(world: World, role: str) -> None:
    browser = world.browser(role)
    before = fingerprints()
    posts = list(
        walk(
            world,
            role,
            browser=browser,
            method="post",
            among=lambda address, side: (
                is_for_colleagues(address, side) and address.named not in THEIR_OWN
            ),
        )
    )
    assert changed(before, fingerprints()) == []
    assert [str(one) for one in posts if one.status >= 500] == []


@pytest.mark.parametrize("role", [role for role in COLUMNS if role in SEE_SOME])
def test_a_post_to_a_strangers_page_is_refused(world: World, role: str) -> None:
    browser = world.browser(role)
    before = fingerprints()
    posts = list(
        walk(
            world,
            role,
            browser=browser,
            method="post",
            among=lambda address, side: (
                is_for_colleagues(address, side)
                and address.of_side
                and not world.sees(role, side)
            ),
        )
    )
    print(f"{len(posts)} foreign pages posted to as {role}")
    assert posts
    assert {str(one): one.answer for one in posts if one.answer not in REFUSED} == {}
    assert [leak for one in posts for leak in one.leaks] == []
    assert changed(before, fingerprints()) == []


def is_for_colleagues(address: Address, side: Side) -> bool:
    return address.route.startswith(STAFF_PAGES)
