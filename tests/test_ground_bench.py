"""The bench keeps working: its rows are computed on books of a few clients."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connections
from django.test import override_settings

from tests.bench import bench_pages, stock
from tests.bench.books import Size
from tests.bench.shelves import Shelf

pytestmark = pytest.mark.long

A_FEW = Size(clients=6, accounts=12, grants=50, events=20, colleagues=20)


@pytest.fixture
def room(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> bench_pages.Room:
    monkeypatch.setattr(bench_pages, "SECONDS_A_PAGE", 0)
    monkeypatch.setattr(bench_pages, "SECONDS_A_LIST", 0)
    with override_settings(TEMPLATES=stock.engines(), ROOT_URLCONF=stock.__name__):
        yield bench_pages.furnish(Shelf(connections["default"]), A_FEW)


def test_it_counts_and_times_the_front_page_and_a_clients(room) -> None:
    rows = list(bench_pages.pages(room, room))
    assert [row.what for row in rows] == [
        f"{page} page, {who}"
        for who in ("access owner", "account manager")
        for page in ("front", "client")
        for _ in ("queries", "time")
    ]
    assert all(row.result.endswith((" queries", " x")) for row in rows)


def test_it_times_every_list(room) -> None:
    timed = {row.what.partition(", ")[0] for row in bench_pages.lists(room, room)}
    names = {str(model._meta.verbose_name_plural) for model in admin.site._registry}
    assert timed == names


def test_a_page_that_asks_too_often_misses_its_bound(room, monkeypatch) -> None:
    monkeypatch.setattr(bench_pages, "MOST_QUERIES", 1)
    counted = [
        row for row in bench_pages.pages(room, room) if row.result.endswith("queries")
    ]
    assert {row.is_met for row in counted} == {False}
