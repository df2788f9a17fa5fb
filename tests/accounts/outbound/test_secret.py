from __future__ import annotations

import copy
import json
import pickle

import pytest
from django.template import Context, Template

from accounts.outbound.secret import Secret

TEXT = "act.very-secret"


@pytest.mark.parametrize(
    "shown",
    [
        repr(Secret(TEXT)),
        str(Secret(TEXT)),
        f"{Secret(TEXT)}",
        f"{Secret(TEXT):>60}",
        f"{Secret(TEXT)!r}",
        "%s" % Secret(TEXT),  # noqa: UP031
        repr([Secret(TEXT)]),
        repr({"token": copy.copy(Secret(TEXT))}),
        str(copy.deepcopy([Secret(TEXT)])),
        json.dumps(Secret(TEXT), default=str),
        Template("{{ s }} {{ s.reveal }} {{ s.reveal|safe }}").render(
            Context({"s": Secret(TEXT)})
        ),
    ],
)
def test_it_shows_nothing(shown: str) -> None:
    assert TEXT not in shown


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_refuses_to_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Secret(TEXT), protocol)


def test_it_refuses_to_become_json() -> None:
    with pytest.raises(TypeError):
        json.dumps({"token": Secret(TEXT)})


def test_it_refuses_to_be_hashed() -> None:
    with pytest.raises(TypeError):
        hash(Secret(TEXT))


@pytest.mark.parametrize("empty", ["", None, b"bytes"])
def test_it_refuses_what_is_no_secret(empty: object) -> None:
    with pytest.raises(ValueError, match="at least one character"):
        Secret(empty)


def test_it_cannot_be_given_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Secret(TEXT).note = "x"
    assert not hasattr(Secret(TEXT), "__dict__")


def test_it_differs_from_its_own_text() -> None:
    assert Secret(TEXT) != TEXT
    assert Secret(TEXT) != Secret("another")


def test_it_equals_another_with_the_same_text() -> None:
    assert Secret(TEXT) == Secret(TEXT)
    assert Secret("\ud800") == Secret("\ud800")


def test_it_gives_itself_out_on_purpose() -> None:
    assert Secret(TEXT).reveal() == TEXT
    assert copy.deepcopy(Secret(TEXT)).reveal() == TEXT
    assert bool(Secret("0"))
