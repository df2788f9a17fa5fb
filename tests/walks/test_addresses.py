"""Every address of the URLconf has its row, so that the walks reach it."""

from __future__ import annotations

from tests.walks.addresses import missing_rows, rows, stale_rows
from tests.walks.expected import GROUPS


def test_it_has_a_row_for_every_address() -> None:
    assert missing_rows() == []


def test_it_has_no_row_for_what_is_gone() -> None:
    assert stale_rows() == []


def test_it_says_what_to_add_for_a_new_address(settings) -> None:
    settings.ROOT_URLCONF = "tests.walks.new_urls"
    assert [line for line in missing_rows() if "brand_new" in line] == [
        "brand_new (brand-new/) has no row: add it to ADDRESSES in"
        " tests/walks/addresses.py with its group and example arguments, or its desk"
        " to DESKS."
    ]


def test_every_row_is_in_a_known_group() -> None:
    assert {group for group, _ in rows().values()} == set(GROUPS)
