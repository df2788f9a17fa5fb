"""A creator's pair against the simulated TikTok: booked, renewed, given back."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.flows import connections, consent, identifying, revoking
from accounts.flows.spark_lists import SparkReader
from accounts.models import (
    Connection,
    Consent,
    ConsentAttempt,
    Creator,
    PlatformRead,
)
from accounts.outbound import OutboundError
from accounts.tasks import refresh_due
from accounts.vault.models import VaultSecret
from tests.factory import Factory
from tests.renewing import BY
from tests.simulated import Simulated

State = Connection.State
DAY = dt.timedelta(days=1)


@pytest.fixture
def creator(factory: Factory) -> Creator:
    return factory.make_creator(name="Aino", handle="aino.outdoors")


def consent_of(creator: Creator, tiktok: Simulated, **more: object) -> ConsentAttempt:
    """Go through the creator's consent page and back."""
    trip = {"platform": "tiktok", "purpose": Consent.Purpose.CREATOR, "browser": "hers"}
    attempt = consent.begin(**trip, by=BY, creator=creator)
    state = consent.state_of(attempt)
    came = parse_qs(urlsplit(tiktok.creator_consent("aino", state=state, **more)).query)
    claimed = consent.claim(**trip, state=came["state"][0])
    consent.exchange(claimed, came["code"][0], by=BY)
    return claimed


def connect(creator: Creator, tiktok: Simulated, **more: object) -> Connection:
    return identifying.identify(consent_of(creator, tiktok, **more), by=BY)


def make_due() -> None:
    Connection.objects.update(refresh_due_at=timezone.now())


def works(key: Connection) -> bool:
    """Ask the platform whose key it is, as it is now."""
    key.refresh_from_db()
    info = connections.call(
        key,
        lambda connector, token: connector.creator_token_info(token),
        purpose="see whose it is",
        by=BY,
        in_person=False,
    )
    return info.creator_id == key.external_user_id


# Booking ----------------------------------------------------------------------------


def test_it_books_the_pair_and_when_either_half_ends(
    creator: Creator, tiktok: Simulated
) -> None:
    now = timezone.now()
    key = connect(creator, tiktok)
    assert (key.kind, key.state) == (Connection.Kind.CREATOR, State.LIVE)
    assert abs(key.access_until - now - DAY) < dt.timedelta(minutes=1)
    assert abs(key.expires_at - now - 365 * DAY) < dt.timedelta(minutes=1)
    assert DAY * 0.59 < key.refresh_due_at - now < DAY * 0.76
    assert set(VaultSecret.objects.values_list("reference", flat=True)) == {
        key.vault_ref,
        key.refresh_ref,
    }
    short_lived = VaultSecret.objects.get(is_short_lived=True)
    assert short_lived.reference == key.vault_ref


def test_what_a_sign_in_brings_is_short_lived_until_it_is_booked(
    creator: Creator, tiktok: Simulated
) -> None:
    consent_of(creator, tiktok)
    kept = VaultSecret.objects.values_list("is_short_lived", flat=True)
    assert list(kept) == [True, True]


def test_a_creator_who_keeps_their_name_is_called_as_we_know_them(
    creator: Creator, tiktok: Simulated
) -> None:
    scopes = ["user.info.basic", "user.info.username"]
    key = connect(creator, tiktok, scopes=["biz.spark.auth", *scopes], withhold=scopes)
    assert key.label == "Aino"  # no handle: nobody has seen that it is hers
    assert key.scopes == ["biz.spark.auth"]


def test_a_second_consent_mends_a_dead_key(creator: Creator, tiktok: Simulated) -> None:
    key = connect(creator, tiktok)
    tiktok.control("creators/withdraw", creator="aino")
    make_due()
    refresh_due()
    key.refresh_from_db()
    assert key.state == State.NEEDS_REAUTHORIZATION
    again = connect(creator, tiktok)
    assert (again.pk, again.state, again.problem) == (key.pk, State.LIVE, "")
    assert "renews this key no more" in again.last_problem
    assert again.refresh_due_at is not None
    assert works(again)


@pytest.mark.parametrize("whose", ["external_user_id", "app_id"])
def test_what_a_key_may_do_is_believed_of_nobody_elses(
    creator: Creator, tiktok: Simulated, whose: str
) -> None:
    key = connect(creator, tiktok)
    Connection.objects.update(**{whose: "another"})
    key.refresh_from_db()
    with pytest.raises(OutboundError, match="is somebody else's") as caught:
        SparkReader(by=BY, in_person=False).scopes(key)
    assert caught.value.permanent
    key.refresh_from_db()
    assert (key.state, key.problem) == (State.LIVE, str(caught.value))
    read = PlatformRead.objects.get()
    assert (read.is_whole, read.problem) == (False, key.problem)


# Renewing ---------------------------------------------------------------------------


@pytest.mark.parametrize("rotation", ["none", "grace", "strict"])
def test_it_renews_whatever_the_rotation(
    creator: Creator, tiktok: Simulated, rotation: str
) -> None:
    tiktok.control("switches", refresh_rotation=rotation)
    key = connect(creator, tiktok)
    for version in (3, 4):
        make_due()
        assert refresh_due() == 1
        key.refresh_from_db()
        assert key.version == version
    assert works(key)


def test_it_survives_a_clock_that_goes_ahead_of_what_is_told(
    creator: Creator, tiktok: Simulated
) -> None:
    tiktok.control("switches", clock_skew_seconds=3_600, creator_access_seconds=7_200)
    key = connect(creator, tiktok)
    tiktok.control("clock", advance_seconds=5_400)
    assert works(key)
    assert tiktok.calls("tt_user/oauth2/refresh_token/") == 1


@pytest.mark.parametrize("code", [40103, 40105, 40107, 40110, 40131])
def test_it_believes_the_platform_that_it_renews_no_more(
    creator: Creator, tiktok: Simulated, code: int
) -> None:
    tiktok.control("switches", dead_refresh_code=code)
    key = connect(creator, tiktok)
    tiktok.control("creators/withdraw", creator="aino")
    make_due()
    refresh_due()
    key.refresh_from_db()
    assert key.state == State.NEEDS_REAUTHORIZATION


# Giving back ------------------------------------------------------------------------


def test_it_gives_both_halves_back(creator: Creator, tiktok: Simulated) -> None:
    key = connect(creator, tiktok)
    assert revoking.end_key(key, by=BY)
    assert (key.state, key.vault_ref, key.refresh_ref) == (State.REVOKED, "", "")
    assert key.refresh_due_at is None
    assert not VaultSecret.objects.exists()
    assert tiktok.calls("tt_user/oauth2/revoke/") == 1


def test_it_renews_a_key_that_is_over_to_give_it_back(
    creator: Creator, tiktok: Simulated
) -> None:
    key = connect(creator, tiktok)
    tiktok.control("clock", advance_seconds=90_000)
    Connection.objects.update(access_until=timezone.now())
    assert revoking.end_key(key, by=BY)
    assert tiktok.calls("tt_user/oauth2/refresh_token/") == 1
    assert key.state == State.REVOKED


def test_it_waits_while_somebody_renews_it(creator: Creator, tiktok: Simulated) -> None:
    key = connect(creator, tiktok)
    Connection.objects.update(lease_until=timezone.now() + DAY)
    assert not revoking.end_key(key, by=BY)
    assert tiktok.calls("tt_user/oauth2/revoke/") == 0
    key.refresh_from_db()
    assert key.lease_until is not None


def test_a_dead_key_is_forgotten_without_a_renewal(
    creator: Creator, tiktok: Simulated
) -> None:
    key = connect(creator, tiktok)
    tiktok.control("creators/withdraw", creator="aino")
    make_due()
    refresh_due()
    key.refresh_from_db()
    assert revoking.end_key(key, by=BY)
    assert not VaultSecret.objects.filter(is_deleted=False).exists()
