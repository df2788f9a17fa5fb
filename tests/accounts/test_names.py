"""Which names could be one company's, and which are left alone."""

from __future__ import annotations

import pytest

from accounts.names import resembling


def is_alike(one: str, other: str) -> bool:
    return resembling(one, [("key", other)]) == ["key"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Halden Outdoor", "Aurora Wines"),
        ("Nordic Sauna", "Nordlys Bakery"),
        ("Calder Books", "Calder Boats Hire"),
        ("Holding AG", "Holding SE"),
        ("AB Group", "AB Volta"),
        ("Fjord Coffee", "Fjord Ferries"),
    ],
)
def test_it_leaves_others_alone(one: str, other: str) -> None:
    assert not is_alike(one, other)
    assert not is_alike(other, one)


@pytest.mark.parametrize(
    "other",
    [
        "halden outdoor",
        "Halden Outdoor GmbH",
        "Halden Outdoor GmbH & Co. KG",
        "HALDEN-OUTDOOR, S.A.",
        "Haldn Outdoor",
        "Hálden Oütdoor",
        "Outdoor Halden",
        "Halden",
        "Halden Outdoor Nordics",
    ],
)
def test_it_finds_the_same_company_in_other_letters(other: str) -> None:
    assert is_alike("Halden Outdoor", other)
    assert is_alike(other, "Halden Outdoor")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller & Söhne", "Mueller und Soehne"),
        ("Straße 8", "STRASSE 8"),
        ("Brød og Smør", "Brod Smor ApS"),
        ("Łódź Apparel", "Lodz Apparel sp. z o.o."),
        ("O'Neill's", "ONeills Ltd"),
        ("資生堂", "資生堂"),
    ],
)
def test_it_reads_over_marks_and_legal_forms(one: str, other: str) -> None:
    assert is_alike(one, other)


def test_it_names_every_one_that_is_alike() -> None:
    known = [(1, "Halden Outdoor"), (2, "Aurora Wines"), (3, "Haldn Outdoor")]
    assert resembling("Halden Outdoor GmbH", known) == [1, 3]


def test_a_name_without_a_letter_is_like_nothing() -> None:
    assert resembling("!?", [(1, "Halden Outdoor"), (2, "...")]) == []
