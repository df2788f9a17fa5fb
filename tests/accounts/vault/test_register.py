from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import pytest
from django.db import connection

from accounts.models import Event, EventPayload
from accounts.trail import Actor
from accounts.vault import Secret, VaultError, register, vault
from accounts.vault.models import VaultSecret

pytestmark = pytest.mark.django_db
ME = Actor.task("tests.vault")
HERE = "connections/7b1f/access-token"
TOKEN = Secret("act.CANARY-1")


def told(event: Event) -> dict[str, Any]:
    return json.loads(EventPayload.objects.get(event_id=event.pk).body)


def read(reference: str = HERE) -> Secret:
    return vault().get(reference, purpose="verify access", by=ME)


@pytest.fixture
def row() -> VaultSecret:
    vault().set(HERE, TOKEN, by=ME)
    return VaultSecret.objects.get()


def test_it_has_nothing_under_an_unknown_reference() -> None:
    with pytest.raises(VaultError, match=r"nothing under .*connects again"):
        read("connections/none")
    assert not Event.objects.filter(action="vault.read").exists()


@pytest.mark.parametrize("purpose", ["", "  "])
def test_it_gives_nothing_without_a_purpose(row: VaultSecret, purpose: str) -> None:
    with pytest.raises(ValueError, match="purpose"):
        vault().get(HERE, purpose=purpose, by=ME)


def change_blob(row: VaultSecret) -> None:
    blob = bytearray(row.blob)
    blob[-1] ^= 1
    row.blob = bytes(blob)


def change_version(row: VaultSecret) -> None:
    row.version += 1


def change_reference(row: VaultSecret) -> None:
    row.reference = HERE + "x"


def change_key_id(row: VaultSecret) -> None:
    row.key_id = "lost"


@pytest.mark.parametrize(
    "change", [change_blob, change_version, change_reference, change_key_id]
)
def test_it_opens_no_row_that_was_changed(row: VaultSecret, change: Any) -> None:
    change(row)
    row.save()
    with pytest.raises(VaultError) as caught:
        read(row.reference)
    assert TOKEN.reveal() not in str(caught.value)
    assert bytes(row.blob).hex() not in str(caught.value)
    assert not Event.objects.filter(action="vault.read").exists()


def test_it_opens_no_ciphertext_moved_from_another_row(row: VaultSecret) -> None:
    vault().set("connections/other/access-token", Secret("mine"), by=ME)
    other = VaultSecret.objects.exclude(pk=row.pk).get()
    other.blob, other.key_id, other.version = row.blob, row.key_id, row.version
    other.save()
    with pytest.raises(VaultError):
        read(other.reference)


def test_it_opens_no_row_made_again_under_another_id(row: VaultSecret) -> None:
    VaultSecret.objects.update(id=uuid.uuid4())
    with pytest.raises(VaultError):
        read()


def test_it_opens_no_earlier_value_put_back(row: VaultSecret) -> None:
    earlier = bytes(row.blob)
    vault().set(HERE, Secret("newer"), by=ME)
    VaultSecret.objects.update(blob=earlier)
    with pytest.raises(VaultError):
        read()


def test_it_opens_nothing_under_a_wrong_key(row: VaultSecret, keys: Any) -> None:
    keys.VAULT_KEYS = {"old": b"?" * 32}
    with pytest.raises(VaultError, match="VAULT_KEYS"):
        read()


def test_it_stores_nothing_in_clear(row: VaultSecret) -> None:
    everything = (
        bytes(row.blob)
        + "".join(EventPayload.objects.values_list("body", flat=True)).encode()
    )
    assert TOKEN.reveal().encode() not in everything


def test_it_gives_back_what_it_was_given(row: VaultSecret) -> None:
    assert read() == TOKEN
    assert (row.version, row.key_id) == (1, "old")


def test_it_replaces_and_counts(row: VaultSecret) -> None:
    vault().set(HERE, Secret("newer"), by=ME)
    assert read().reveal() == "newer"
    assert VaultSecret.objects.get().version == 2
    assert VaultSecret.objects.get().pk == row.pk


def test_it_tells_the_trail_who_read_and_why(row: VaultSecret) -> None:
    read()
    event = Event.objects.get(action="vault.read")
    assert (event.actor_kind, event.actor_key) == ("task", "tests.vault")
    assert event.subject_key == str(row.pk)
    assert told(event)["purpose"] == "verify access"
    assert told(event)["reference"] == HERE


def test_it_forgets_and_says_so(row: VaultSecret) -> None:
    vault().delete(HERE, by=ME)
    assert not VaultSecret.objects.exists()
    assert told(Event.objects.get(action="vault.deleted"))["reference"] == HERE


def test_it_has_nothing_to_say_when_there_is_nothing_to_forget() -> None:
    vault().delete("connections/none", by=ME)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_keeps_one_row_when_many_write_the_same_reference_at_once() -> None:
    faults: list[Exception] = []

    def write(number: int) -> None:
        try:
            vault().set(HERE, Secret(f"value {number}"), by=ME)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert VaultSecret.objects.get().version == 8
    assert read().reveal().startswith("value ")


def test_it_writes_over_a_row_that_appeared_meanwhile(
    row: VaultSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([None, row])
    monkeypatch.setattr(register, "locked", lambda reference: next(answers))
    vault().set(HERE, Secret("newer"), by=ME)
    assert read().reveal() == "newer"
