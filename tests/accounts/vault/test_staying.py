"""What never goes to Infisical, and what is told of the rest."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Event, EventPayload
from accounts.vault import Secret, VaultError, vault
from accounts.vault.checking import vault_trouble
from accounts.vault.models import VaultSecret
from tests.accounts.vault import test_resting
from tests.accounts.vault.test_resting import (
    HERE,
    ME,
    TOKEN,
    is_down,
    put,
    read,
    row,
    sweep,
)
from tests.infisical import Fake

pytestmark = pytest.mark.django_db
resting = test_resting.resting


class TestWhatStaysHere:
    def test_it_never_sends_what_is_short_lived(self, fake: Fake) -> None:
        put(short_lived=True)
        vault().set_many({"connections/2": Secret("b")}, by=ME, short_lived=True)
        assert sweep() == 0
        assert fake.seen == []
        assert read() == TOKEN

    def test_it_takes_away_what_became_short_lived(self, resting: Fake) -> None:
        put("short", short_lived=True)
        assert sweep() == 1
        assert (read(), resting.held(), row().is_sent) == ("short", {}, False)

    def test_it_refuses_what_is_too_large_and_stores_nothing(self, fake: Fake) -> None:
        with pytest.raises(VaultError, match="64 kB"):
            put("x" * 60_000)
        assert not VaultSecret.objects.exists()

    def test_it_queues_nothing_where_the_vault_is_local(
        self, fake: Fake, settings: Any
    ) -> None:
        settings.VAULT = "local"
        put()
        vault().delete(HERE, by=ME)
        assert not VaultSecret.objects.exists()
        assert fake.seen == []


class TestWhatIsTold:
    def test_it_is_silent_while_all_is_well(self, resting: Fake) -> None:
        put("waits its minute")
        assert vault_trouble() == ""

    def test_it_says_that_secrets_wait(self, fake: Fake) -> None:
        put()
        fake.disturb = is_down
        sweep()
        old = timezone.now() - dt.timedelta(minutes=6)
        VaultSecret.objects.update(written_at=old)
        assert "Infisical is behind: 1 secret stays" in vault_trouble()
        assert "HTTP 500" in vault_trouble()

    def test_it_says_that_the_login_is_refused(self, fake: Fake, settings: Any) -> None:
        settings.INFISICAL["client_secret"] = "wrong"
        put()
        sweep()
        assert "INFISICAL_CLIENT_SECRET" in vault_trouble()

    def test_it_leaves_one_event_for_a_batch(self, fake: Fake) -> None:
        for number in range(3):
            put(reference=f"connections/{number}")
        sweep()
        event = Event.objects.get(action="vault.carried")
        told = json.loads(EventPayload.objects.get(event_id=event.pk).body)
        assert told["rows"] == 3
