"""The one byte form of a payload: these vectors may never change."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from accounts.platforms.roles import Role
from accounts.trail.canonical import canonical_json, payload_hash

SALT = bytes(range(16))
ZONE = dt.timezone(dt.timedelta(hours=2))
VECTORS = {
    "empty": (
        {},
        "{}",
        "b5c1f9361eb9fbedd3e628a72d1c8fef46544361fd79fa6781baf6d932b1c3f6",
    ),
    "sorted by code point, unescaped": (
        {"ö": "Ä\n", "b": 1, "B": None, "a": [True, False, -3]},
        '{"B":null,"a":[true,false,-3],"b":1,"ö":"Ä\\n"}',
        "0b1fd3d34ac2556e235f5dd35c1c2684f760fefb1e1f5b4e77f39e9e90320127",
    ),
    "times, ids and decimals": (
        {
            "at": dt.datetime(2026, 11, 22, 14, 2, 3, 450000, tzinfo=ZONE),
            "on": dt.date(2026, 11, 22),
            "id": uuid.UUID(int=1),
            "sum": Decimal("1.50"),
        },
        '{"at":"2026-11-22T12:02:03.450000Z",'
        '"id":"00000000-0000-0000-0000-000000000001",'
        '"on":"2026-11-22","sum":"1.50"}',
        "c81b25bd980557aa891ee3f60ad3cb7e7869a165b3c1b0d1c096e940d1be18d6",
    ),
    "names of roles, big numbers, inner values": (
        {"role": Role.OPERATOR, "n": 2**70, "in": {"2": (1, "x"), "10": {}}},
        '{"in":{"10":{},"2":[1,"x"]},"n":1180591620717411303424,"role":"operator"}',
        "dc72dab8e07533b63d39507111c82aa55a3c282491f7dc665e15bc6b5309b403",
    ),
}


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), b"x", {1}, object(), dt.datetime(2026, 11, 22), {"a": [0.1]}],
)
def test_it_refuses_what_two_machines_may_print_differently(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize(("value", "text", "sha256"), VECTORS.values(), ids=VECTORS)
def test_it_gives_these_bytes_and_this_hash_for_ever(
    value: object, text: str, sha256: str
) -> None:
    assert canonical_json(value) == text
    assert payload_hash(SALT, text) == sha256


def test_it_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})
