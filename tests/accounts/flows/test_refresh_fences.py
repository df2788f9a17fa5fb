"""A claim is good while its lease is ours and its key the one that was claimed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.flows import refresh_batch, refresh_claims, refresh_results
from accounts.flows.refresh_answers import Answer
from accounts.flows.refresh_claims import Claim, claim_one, held
from accounts.models import Connection
from accounts.outbound import OutboundError
from accounts.tasks import refresh_due
from accounts.vault import Secret, vault
from tests.accounts.flows import test_refresh
from tests.provider import Provider
from tests.renewing import BY, age_leases

pytestmark = pytest.mark.django_db
provider = test_refresh.provider
key = test_refresh.key


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Let something happen after a claim, just before its token is read."""

    def arrange(act: Callable[[], Any]) -> None:
        usual = vault()

        class Vault:
            def get_many(self, *args: Any, **kwargs: Any) -> Any:
                act()
                return usual.get_many(*args, **kwargs)

        monkeypatch.setattr(refresh_claims, "vault", Vault)

    return arrange


def test_a_token_that_a_consent_brought_meanwhile_is_not_sent(
    provider: Provider, key: Connection, between: Any
) -> None:
    """Its answer would be nobody's: where tokens rotate, the fresh key would die."""

    def consent() -> None:
        vault().set(key.refresh_ref, Secret("rft.fresh"), by=BY)
        Connection.objects.update(version=F("version") + 1, lease_until=None)

    between(consent)
    assert refresh_due() == 0
    assert provider.counts["calls"] == 0
    key.refresh_from_db()
    assert (key.state, key.lease_until, key.problem) == ("live", None, "")


def test_a_key_that_another_claimed_meanwhile_is_left_to_them(
    provider: Provider, key: Connection, between: Any
) -> None:
    between(age_leases)
    refresh_due()
    assert provider.counts["calls"] == 0


def claimed_twice(key: Connection) -> tuple[Claim, Claim]:
    """Claim a key, let the lease run out, and let another worker claim it."""
    claims = []
    for _ in range(2):
        age_leases()
        claim = claim_one(key, by=BY)
        assert claim is not None
        claims.append(claim)
    return claims[0], claims[1]


@pytest.mark.parametrize("kind", ["dead_refresh", "rate", "configuration"])
def test_a_late_refusal_leaves_the_next_claim_alone(key: Connection, kind: str) -> None:
    late, _ = claimed_twice(key)
    error = OutboundError("No.", permanent=True, kind=kind)
    refresh_results.settle([Answer(late, timezone.now(), error=error)], by=BY)
    key.refresh_from_db()
    assert (key.state, key.tries, key.problem) == ("live", 0, "")
    assert claim_one(key, by=BY) is None


def test_a_late_pair_is_saved_all_the_same(key: Connection) -> None:
    late, _ = claimed_twice(key)
    answer = refresh_batch.ask(refresh_batch.connector_for("tiktok"), late)
    refresh_results.settle([answer], by=BY)
    key.refresh_from_db()
    assert (key.version, key.lease_until) == (2, None)


def test_who_held_a_key_too_long_does_not_end_anothers_claim(key: Connection) -> None:
    with held(key):
        age_leases()
        assert claim_one(key, by=BY) is not None
    assert claim_one(key, by=BY) is None


def test_a_key_is_free_again_when_it_is_held_no_more(key: Connection) -> None:
    with held(key):
        assert claim_one(key, by=BY) is None
    assert claim_one(key, by=BY) is not None
