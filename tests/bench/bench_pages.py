"""The pages people wait for, on the books of an agency with 1,000 clients.

Counted: the queries of a page, sign-in and all, at a tenth of the books and at the
whole. Timed: the front page and a client's page beside the stock admin's index, and
every list's first and last page beside the same list of a hundred rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from tests.base import HttpsClient
from tests.bench import books, stock
from tests.bench.books import HUNDRED, TENTH, WHOLE, Size
from tests.bench.shelves import Shelf, shelves
from tests.bench.table import Row
from tests.bench.timing import compare

MOST_QUERIES = 15
MOST_TIMES_STOCK = 2.0
MOST_TIMES_A_HUNDRED = 1.5
SECONDS_A_PAGE = 6.0
SECONDS_A_LIST = 2.5


@dataclass
class Room:
    """Filled books, a browser of each person who looks, and the client they open."""

    shelf: Shelf
    people: dict[str, HttpsClient]
    client_page: str

    def get(self, who: str, url: str) -> Any:
        self.shelf.open()
        response = self.people[who].get(url)
        assert response.status_code == 200, (url, response.status_code)
        return response

    def queries(self, who: str, url: str) -> int:
        """Return how often the page asks; the first one warms what a process keeps."""
        self.get(who, url)
        told: list[str] = []

        def tell(execute: Any, sql: str, *rest: Any) -> Any:
            told.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(tell):
            self.get(who, url)
        return len(told)


def furnish(shelf: Shelf, size: Size) -> Room:
    shelf.open()
    made = books.fill(size)
    people = {}
    for who, user in (("access owner", made.owner), ("account manager", made.manager)):
        people[who] = HttpsClient(SERVER_NAME="portal.example")
        people[who].sign_in(user)
    served = made.manager.assignments.order_by("client__name")[0].client_id
    return Room(shelf, people, reverse("admin:accounts_client_change", args=[served]))


def measure() -> Iterator[Row]:
    with (
        override_settings(
            TEMPLATES=stock.engines(),
            STORAGES=stock.STORAGES,
            ROOT_URLCONF="tests.bench.stock",
        ),
        shelves(["hundred", "tenth", "whole"]) as shelf,
    ):
        whole = furnish(shelf["whole"], WHOLE)
        yield from pages(furnish(shelf["tenth"], TENTH), whole)
        yield from lists(furnish(shelf["hundred"], HUNDRED), whole)


def pages(tenth: Room, whole: Room) -> Iterator[Row]:
    front = reverse("admin:index")
    for who in whole.people:
        yield from _page(f"front page, {who}", who, front, front, tenth, whole)
        its = (tenth.client_page, whole.client_page)
        yield from _page(f"client page, {who}", who, *its, tenth, whole)


def _page(
    what: str, who: str, small_url: str, url: str, tenth: Room, whole: Room
) -> Iterator[Row]:
    few, many = tenth.queries(who, small_url), whole.queries(who, url)
    yield Row(
        what,
        f"{many} queries" if few == many else f"{few} queries, then {many}",
        "sign-in and all; the same at a tenth of the books",
        f"<= {MOST_QUERIES}, the same",
        is_met=few == many <= MOST_QUERIES,
    )
    told = compare(
        lambda: whole.get(who, url),
        lambda: whole.get(who, stock.INDEX),
        seconds=SECONDS_A_PAGE,
    )
    yield Row(
        what,
        f"{told.ratio:.2f} x",
        f"{told.milliseconds:.0f} ms; the stock index in turns, {len(told.ours)} pairs",
        f"<= {MOST_TIMES_STOCK:g} x stock index",
        is_met=told.ratio <= MOST_TIMES_STOCK,
    )


def lists(hundred: Room, whole: Room) -> Iterator[Row]:
    """Every desk's list, as an access owner sees it: there are all rows."""
    who = "access owner"
    for model in admin.site._registry:
        opts = model._meta
        url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        changelist = whole.get(who, url).context_data["cl"]
        last = changelist.paginator.num_pages
        for page in dict.fromkeys(("1", str(last))):
            told = compare(
                lambda: whole.get(who, f"{url}?p={page}"),  # noqa: B023
                lambda: hundred.get(who, url),  # noqa: B023
                seconds=SECONDS_A_LIST,
            )
            yield Row(
                f"{opts.verbose_name_plural}, page {page} of {last}",
                f"{told.ratio:.2f} x",
                f"{told.milliseconds:.0f} ms; {changelist.result_count} rows",
                f"<= {MOST_TIMES_A_HUNDRED:g} x 100 rows",
                is_met=told.ratio <= MOST_TIMES_A_HUNDRED,
            )
