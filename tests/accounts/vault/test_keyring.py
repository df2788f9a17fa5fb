from __future__ import annotations

import base64

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.vault import VaultError, keyring

SEALED_ONCE = hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
PLAIN = "JBSWY3DPEHPK3PXP"


def test_it_opens_nothing_under_another_context() -> None:
    sealed = keyring.seal(PLAIN, b"totp|1")
    with pytest.raises(VaultError):
        keyring.open_sealed(sealed, b"totp|2")


def test_it_opens_nothing_under_another_key(keys) -> None:
    sealed = keyring.seal(PLAIN, b"")
    keys.VAULT_KEYS = {"old": b"x" * 32}
    with pytest.raises(VaultError, match="another one"):
        keyring.open_sealed(sealed, b"")


def test_it_names_a_key_it_does_not_hold(keys) -> None:
    sealed = keyring.seal(PLAIN, b"")
    keys.VAULT_KEYS = {"new": b"x" * 32}
    with pytest.raises(VaultError, match=r"'old'.*operator puts that key back"):
        keyring.open_sealed(sealed, b"")


def test_it_opens_nothing_relabelled_with_another_key_of_ours(keys) -> None:
    keys.VAULT_KEYS = {"a": b"x" * 32, "b": b"x" * 32}
    sealed = keyring.seal(PLAIN, b"").replace("v1.a.", "v1.b.")
    with pytest.raises(VaultError):
        keyring.open_sealed(sealed, b"")


@SEALED_ONCE
@given(st.integers(min_value=0), st.integers(1, 255))
def test_it_opens_nothing_with_a_changed_byte(at: int, change: int) -> None:
    blob = bytearray(keyring.encrypt("old", PLAIN.encode(), b"place"))
    blob[at % len(blob)] ^= change
    with pytest.raises(VaultError) as caught:
        keyring.decrypt("old", bytes(blob), b"place")
    assert PLAIN not in str(caught.value)


@SEALED_ONCE
@given(st.integers(0, 44))
def test_it_opens_nothing_cut_short(length: int) -> None:
    blob = keyring.encrypt("old", PLAIN.encode(), b"place")
    with pytest.raises(VaultError):
        keyring.decrypt("old", blob[: min(length, len(blob) - 1)], b"place")


@SEALED_ONCE
@example("v1.old.")
@example("v1.old.not base64")
@example("v1.old." + base64.b64encode(b"\x01" * 40).decode())
@given(st.text())
def test_it_refuses_text_it_did_not_seal(text: str) -> None:
    with pytest.raises(VaultError):
        keyring.open_sealed(text, b"")


def test_it_never_seals_twice_alike() -> None:
    assert keyring.seal(PLAIN, b"") != keyring.seal(PLAIN, b"")


@SEALED_ONCE
@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary())
def test_it_opens_what_it_sealed(text: str, context: bytes) -> None:
    assert keyring.open_sealed(keyring.seal(text, context), context) == text


def test_it_opens_old_seals_after_a_new_key_came_first(keys, new_key) -> None:
    keys.VAULT_KEYS = {"old": new_key.VAULT_KEYS["old"]}
    sealed = keyring.seal(PLAIN, b"")
    keys.VAULT_KEYS = {"new": b"n" * 32, "old": b"o" * 32}
    assert keyring.open_sealed(sealed, b"") == PLAIN
    assert keyring.key_id_of(sealed) == "old"
    assert keyring.key_id_of(keyring.seal(PLAIN, b"")) == "new"
    assert keyring.key_id_of(PLAIN) == ""
