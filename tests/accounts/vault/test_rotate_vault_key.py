from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Event
from accounts.signin.adapter import SEAL_CONTEXT
from accounts.trail import Actor
from accounts.vault import Secret, carrying, keyring, rotation, vault
from accounts.vault.models import VaultSecret
from tests.accounts.vault.test_resting import is_down
from tests.infisical import Fake

pytestmark = pytest.mark.django_db
ME = Actor.task("tests.vault")
BOTH = {"new": b"n" * 32, "old": b"o" * 32}


@pytest.fixture
def stored(keys: Any) -> Any:
    """Five secrets under the old key, then a new key is put first."""
    for number in range(5):
        vault().set(f"connections/{number}", Secret(f"value {number}"), by=ME)
    keys.VAULT_KEYS = BOTH
    return keys


def run(*options: str) -> str:
    out = StringIO()
    call_command("rotate_vault_key", *options, stdout=out)
    return out.getvalue()


def values() -> list[str]:
    read = [
        vault().get(f"connections/{number}", purpose="test", by=ME)
        for number in range(5)
    ]
    return [secret.reveal() for secret in read]


ALL = [f"value {number}" for number in range(5)]


def test_it_changes_nothing_when_dry(stored: Any) -> None:
    said = run("--dry-run")
    assert "new: 0 stored keys" in said
    assert "old: 5 stored keys, 0 second factors left" in said
    assert set(VaultSecret.objects.values_list("key_id", flat=True)) == {"old"}
    assert not Event.objects.filter(action="vault.rotated").exists()


def test_it_leaves_alone_and_names_what_does_not_open(stored: Any) -> None:
    damaged = VaultSecret.objects.get(reference="connections/2")
    VaultSecret.objects.filter(pk=damaged.pk).update(blob=b"\x01" + b"?" * 40)
    with pytest.raises(CommandError, match=r"1 values do not open.*connections/2"):
        run()
    assert rotation.rows_per_key() == {"new": 4, "old": 1}


def test_it_refuses_nothing_silently_when_a_key_is_gone(stored: Any) -> None:
    stored.VAULT_KEYS = {"new": BOTH["new"]}
    with pytest.raises(CommandError, match="5 values do not open"):
        run()


def test_it_goes_on_where_it_was_stopped(
    stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    next(rotation.rotate(by=ME))
    assert rotation.rows_per_key() == {"new": 2, "old": 3}
    assert values() == ALL
    assert "Moved 2 stored keys.\nMoved 1 stored keys." in run()
    assert rotation.rows_per_key() == {"new": 5}


def test_it_moves_all_and_keeps_every_value(stored: Any) -> None:
    said = run()
    assert "new: 5 stored keys, 0 second factors (first key)" in said
    assert "old" not in said
    stored.VAULT_KEYS = {"new": BOTH["new"]}
    assert values() == ALL
    assert set(VaultSecret.objects.values_list("version", flat=True)) == {1}
    assert Event.objects.filter(action="vault.rotated").count() == 1


def test_it_has_nothing_to_do_the_second_time(stored: Any) -> None:
    run()
    blobs = list(VaultSecret.objects.values_list("blob", flat=True))
    assert "Moved" not in run()
    assert list(VaultSecret.objects.values_list("blob", flat=True)) == blobs


def test_it_moves_second_factors_too(keys: Any) -> None:
    user = get_user_model().objects.create_user(
        email="priya@northlight.example", name="Priya", password="x"
    )
    data = {
        "secret": keyring.seal("JBSWY3DP", SEAL_CONTEXT),
        "migrated_codes": [keyring.seal("1234", SEAL_CONTEXT)],
        "used_mask": 0,
        "plain": "text",
    }
    factor = Authenticator.objects.create(user=user, type="totp", data=data)
    keys.VAULT_KEYS = BOTH
    assert "old: 0 stored keys, 1 second factors left" in run("--dry-run")
    assert "new: 0 stored keys, 1 second factors (first key)" in run()
    keys.VAULT_KEYS = {"new": BOTH["new"]}
    factor.refresh_from_db()
    opened = keyring.open_sealed(factor.data["secret"], SEAL_CONTEXT)
    assert opened == "JBSWY3DP"
    code = factor.data["migrated_codes"][0]
    assert keyring.open_sealed(code, SEAL_CONTEXT) == "1234"
    assert (factor.data["used_mask"], factor.data["plain"]) == (0, "text")


class TestWhatRestsInInfisical:
    @pytest.fixture
    def resting(self, fake: Fake, keys: Any) -> Fake:
        """The five rest in Infisical under the old key, then a new one is put first."""
        for number in range(5):
            vault().set(f"connections/{number}", Secret(f"value {number}"), by=ME)
        assert carrying.sweep(by=ME) == 5
        keys.VAULT_KEYS = BOTH
        return fake

    def test_it_says_when_infisical_is_away_and_changes_nothing(
        self, resting: Fake
    ) -> None:
        resting.disturb = is_down
        with pytest.raises(CommandError, match=r"HTTP 500.*run this again"):
            run()
        assert rotation.rows_per_key() == {"new": 0, "old": 5}

    def test_it_names_what_does_not_open(self, resting: Fake) -> None:
        folder = resting.shelf.environments["prod"]["/connections/portal"]
        folder.secrets["connections__2"].versions.append("{}")
        with pytest.raises(CommandError, match=r"1 values do not open.*connections/2"):
            run()
        assert rotation.rows_per_key() == {"new": 4, "old": 1}

    def test_it_seals_them_anew_and_carries_them_back(
        self, resting: Fake, keys: Any
    ) -> None:
        run()
        keys.VAULT_KEYS = {"new": BOTH["new"]}
        assert values() == ALL  # from here, until they are carried
        assert carrying.sweep(by=ME) == 5
        assert values() == ALL  # from there
        assert VaultSecret.objects.filter(blob=b"", due_at=None).count() == 5
        assert set(VaultSecret.objects.values_list("version", flat=True)) == {1}
        assert all('"key": "new"' in value for value in resting.held().values())

    def test_it_leaves_a_value_that_came_meanwhile_alone(
        self, resting: Fake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usual = rotation.open_secret

        def open_late(row: VaultSecret, *args: Any) -> Secret:
            secret = usual(row, *args)
            if row.reference == "connections/0":
                vault().set(row.reference, Secret("newer"), by=ME)
            return secret

        monkeypatch.setattr(rotation, "open_secret", open_late)
        run()
        assert values()[0] == "newer"
