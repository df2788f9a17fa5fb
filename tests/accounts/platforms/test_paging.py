from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.outbound import OutboundError
from accounts.platforms.tiktok.client import TikTok
from tests.accounts.outbound.stub import Stub, says
from tests.accounts.platforms.conftest import TOKEN, envelope, page


def row(number: int) -> dict[str, str]:
    return {"bc_id": str(6000 + number), "bc_name": f"Center {number}"}


def rows(start: int, end: int) -> list[Any]:
    return [row(number) for number in range(start, end)]


def failed(tiktok: TikTok) -> str:
    with pytest.raises(OutboundError) as caught:
        tiktok.partners(TOKEN, "6001")
    assert not caught.value.permanent
    assert not caught.value.outcome_unknown
    return str(caught.value)


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ([page(rows(0, 2), total=3)], "3 rows were told, 2 came"),
        ([page(rows(0, 3), total=2)], "2 rows were told, 3 came"),
        ([page([], total=1)], "1 rows were told, 0 came"),
        (
            [
                page(rows(0, 2), of=2, total=4),
                page(rows(2, 3), number=2, of=2, total=4),
            ],
            "4 rows were told, 3 came",
        ),
        (
            [
                page(rows(0, 2), of=2, total=4),
                page(rows(2, 5), number=2, of=2, total=5),
            ],
            "changed while it was read",
        ),
        (
            [
                page(rows(0, 2), of=2, total=4),
                page(rows(1, 3), number=2, of=2, total=4),
            ],
            "a row came twice",
        ),
        ([page([row(0), {**row(0), "bc_name": "Not center 0"}])], "a row came twice"),
        (
            [
                page(rows(0, 2), of=2, total=4),
                page(rows(0, 2), number=1, of=2, total=4),
            ],
            "do not follow each other",
        ),
        ([page(rows(0, 1), of=100_000, total=1)], "do not follow each other"),
    ],
)
def test_it_gives_no_list_that_does_not_add_up(
    stub: Stub, tiktok: TikTok, pages: list[Any], why: str
) -> None:
    stub.will(*(says(one) for one in pages))
    assert why in failed(tiktok)


@pytest.mark.parametrize(
    "info",
    [
        None,
        [],
        {},
        {"page": 1, "total_number": "1", "total_page": 1},
        {"page": 1, "total_number": -1, "total_page": 1},
        {"page": 1, "total_number": 1.0, "total_page": 1},
        {"page": True, "total_number": 1, "total_page": 1},
        {"page": 1, "total_number": 1},
    ],
)
def test_it_gives_no_list_without_a_count(
    stub: Stub, tiktok: TikTok, info: Any
) -> None:
    stub.will(says(envelope({"list": rows(0, 1), "page_info": info})))
    assert "cannot read" in failed(tiktok)


def test_it_gives_no_list_when_a_later_page_fails(stub: Stub, tiktok: TikTok) -> None:
    stub.will(says(page(rows(0, 2), of=2, total=4)), says(envelope({}, 50000)))
    assert "fault on its side" in failed(tiktok)
    assert len(stub.seen) == 4


def test_it_tells_members_apart_who_have_no_id_yet(stub: Stub, tiktok: TikTok) -> None:
    invited = [
        {"user_email": f"{name}@northlight.example", "relation_status": "PENDING"}
        for name in ("ada", "ben")
    ]
    stub.will(says(page(invited)))
    assert len(tiktok.members(TOKEN, "6001")) == 2


@pytest.mark.parametrize("of", [0, 1])
def test_it_reads_an_empty_list(stub: Stub, tiktok: TikTok, of: int) -> None:
    stub.will(says(page([], of=of)))
    listing = tiktok.partners(TOKEN, "6001")
    assert (listing.rows, listing.told, listing.pages) == ((), 0, 1)


def test_it_reads_to_the_last_page(stub: Stub, tiktok: TikTok) -> None:
    stub.will(
        says({**page(rows(0, 50), of=3, total=130), "request_id": "R1"}),
        says({**page(rows(50, 100), number=2, of=3, total=130), "request_id": "R2"}),
        says({**page(rows(100, 130), number=3, of=3, total=130), "request_id": "R3"}),
    )
    listing = tiktok.partners(TOKEN, "6001")
    assert len(listing) == listing.told == 130
    assert [one.name for one in listing][::129] == ["Center 0", "Center 129"]
    assert listing.trace_ids == ("R1", "R2", "R3")
    assert [seen.query["page"] for seen in stub.seen] == [["1"], ["2"], ["3"]]
    assert {seen.query["page_size"][0] for seen in stub.seen} == {"50"}


def test_it_seals_rows_the_same_whatever_their_order_of_keys(
    stub: Stub, tiktok: TikTok
) -> None:
    other = {"bc_name": "Center 0", "bc_id": "6000"}
    stub.will(says(page([row(0)])), says(page([other])), says(page([row(1)])))
    digests = [tiktok.partners(TOKEN, "6001").sha256 for _ in range(3)]
    assert digests[0] == digests[1] != digests[2]
    assert len(digests[0]) == 64


# Pages that are kept ----------------------------------------------------------------


class Shelf:
    """Keeps pages as the books do; `left` is what an earlier try has left there."""

    def __init__(self, *left: tuple[str, str]) -> None:
        self.left = list(left)
        self.came: list[tuple[int, int, str]] = []

    def kept(self) -> list[tuple[str, str]]:
        return self.left

    def keep(self, number: int, of: int, body: str, trace_id: str) -> None:
        self.came.append((number, of, trace_id))

    def forget(self) -> None:
        self.left = []


def left_behind(*pages: Any) -> Shelf:
    return Shelf(*((json.dumps(one["data"]), "R0") for one in pages))


def three_pages(total: int = 130) -> list[Any]:
    return [
        page(rows(0, 50), of=3, total=total),
        page(rows(50, 100), number=2, of=3, total=total),
        page(rows(100, total), number=3, of=3, total=total),
    ]


def test_it_fetches_only_the_pages_that_were_not_kept(
    stub: Stub, tiktok: TikTok
) -> None:
    first, second, third = three_pages()
    stub.will(*(says(one) for one in (first, second, third, third)))
    in_one_go = tiktok.partners(TOKEN, "6001")
    listing = tiktok.keeping(left_behind(first, second)).partners(TOKEN, "6001")
    assert (len(listing), listing.sha256) == (130, in_one_go.sha256)
    assert listing.trace_ids[:2] == ("R0", "R0")
    assert [seen.query["page"] for seen in stub.seen[3:]] == [["3"]]


def test_it_begins_anew_when_the_totals_have_moved(stub: Stub, tiktok: TikTok) -> None:
    shelf = left_behind(*three_pages()[:2])
    stub.will(says(three_pages(129)[2]), *(says(one) for one in three_pages(129)))
    assert len(tiktok.keeping(shelf).partners(TOKEN, "6001")) == 129
    assert shelf.left == []


def test_it_hands_over_each_page_as_it_comes(stub: Stub, tiktok: TikTok) -> None:
    shelf = Shelf()
    first, second, _ = three_pages()
    stub.will(says(first), says(second), says(envelope({}, 40105)))
    with pytest.raises(OutboundError):
        tiktok.keeping(shelf).partners(TOKEN, "6001")
    assert [one[:2] for one in shelf.came] == [(1, 3), (2, 3)]


def test_it_fetches_nothing_of_a_list_that_was_kept_whole(
    stub: Stub, tiktok: TikTok
) -> None:
    listing = tiktok.keeping(left_behind(*three_pages())).partners(TOKEN, "6001")
    assert len(listing) == 130
    assert stub.seen == []
