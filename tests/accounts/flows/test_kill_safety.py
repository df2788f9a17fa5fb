"""A worker dies at any step of a share: the next sweep ends where it would have.

`Killed` is no Exception, so nothing in the flows can mistake it for an answer; one
test kills a real process.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from accounts.flows import attempts, connections, leases, proof, sharing, work
from accounts.models import (
    Asset,
    Client,
    Connection,
    Consent,
    GrantAttempt,
    Reach,
    RoleGrant,
)
from accounts.trail import Actor
from accounts.vault import Secret, vault
from tests.factory import Factory
from tests.simulated import (
    Simulated,
    loses_the_answer,
    main_receiver,
    never_arrives,
    once,
    says,
)

pytestmark = pytest.mark.long

State = RoleGrant.State
Outcome = GrantAttempt.Outcome
SHARE = "bc/partner/add/"
OUR_READ = "bc/partner/asset/get/"
BY = Actor.system("test")


class Killed(BaseException):
    """What a kill signal does, as far as the flows can tell."""


def make_requested(
    tiktok: Simulated, factory: Factory, person: str = "hugo"
) -> list[RoleGrant]:
    """Book a client's key, its accounts and grants that wait to be asked for."""
    company = {"hugo": "Lang Optics", "dana": "Brightwater Clinics"}[person]
    client = factory.make_client(name=company)
    location = tiktok.consent(person, state="s", purpose="client")
    code = location.split("auth_code=")[1].split("&")[0]
    from accounts.flows.connectors import open_for

    connector = open_for("tiktok", in_person=True)
    token = connector.exchange_code(Secret(code))
    key = factory.make_connection(
        label=person, vault_ref=f"connections/{person}", key_given_at=timezone.now()
    )
    vault().set(key.vault_ref, token.access_token, by=BY)
    factory.make_consent(client=client, connection=key)
    center = Asset.objects.create(
        platform="tiktok",
        kind=Asset.Kind.CENTER,
        external_id=tiktok.center(company),
        name=company,
        owner=Asset.Owner.CLIENT,
        client=client,
    )
    grants = []
    for account_id in tiktok.accounts_of(company):
        asset = factory.make_ad_account(
            client=client, external_id=account_id, center=center
        )
        Reach.objects.create(connection=key, asset=asset, can_grant=True)
        grants.append(
            factory.make_grant(
                asset=asset,
                grantee=main_receiver(),
                state=State.REQUESTING,
                waits_on=RoleGrant.WaitsOn.PORTAL,
                next_check_at=timezone.now(),
            )
        )
    tiktok.control("counters/reset")
    return grants


@pytest.fixture
def requested(our_side: Connection, tiktok: Simulated, factory: Factory) -> Any:
    return make_requested(tiktok, factory)


def keys_of(grants: list[RoleGrant]) -> list[str]:
    return [str(grant.pk) for grant in grants]


def states() -> set[str]:
    return set(RoleGrant.objects.values_list("state", flat=True))


def sweep_later(times: int = 1) -> None:
    """Run the sweep when every lease has run out and everything is due."""
    for _ in range(times):
        RoleGrant.objects.update(lease_until=None)
        RoleGrant.objects.filter(next_check_at__isnull=False).update(
            next_check_at=timezone.now()
        )
        work.sweep()


def killing(what: Any, *, after: bool = False) -> Callable[..., Any]:
    """Return a stand-in that dies instead of running `what`, or right after it."""

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        if after:
            what(*args, **kwargs)
        raise Killed

    return stand_in


@contextmanager
def killed_at(
    step: tuple[Any, str, bool], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Let a worker die at this step: (module, name, whether right after it ran)."""
    module, name, after = step
    with monkeypatch.context() as patch:
        patch.setattr(module, name, killing(getattr(module, name), after=after))
        with pytest.raises(Killed):
            yield


STEPS = {
    "before the attempt": (attempts, "begin", False),
    "after the attempt": (attempts, "begin", True),
    "after the call": (attempts, "close", False),
    "between attempt and grant": (attempts, "close", True),
    "before the reads": (proof, "read_back", False),
    "during the reads": (proof, "_judge", False),
    "after the first grant was judged": (proof, "_judge", True),
}
# Steps after which TikTok has the share already.
ARRIVED = set(STEPS) - {"before the attempt", "after the attempt"}


@pytest.mark.long
@pytest.mark.parametrize("step", STEPS)
def test_it_ends_active_after_a_kill(
    requested: list[RoleGrant],
    tiktok: Simulated,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    with killed_at(STEPS[step], monkeypatch):
        work.carry_out(keys_of(requested))
    assert tiktok.calls(SHARE) == int(step in ARRIVED)
    sweep_later(times=3)
    assert states() == {State.ACTIVE}
    assert tiktok.calls(SHARE) == 1
    assert not GrantAttempt.objects.filter(outcome=Outcome.OPEN).exists()


def test_it_leaves_a_leased_grant_to_its_worker(
    requested: list[RoleGrant], tiktok: Simulated
) -> None:
    RoleGrant.objects.update(lease_until=timezone.now() + leases.LEASE)
    assert work.sweep() == 0
    assert work.carry_out(keys_of(requested)) == 0
    assert tiktok.all_calls() == 0


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_it_survives_a_process_killed_after_the_call(
    our_side: Connection, tiktok: Simulated, factory: Factory, settings: Any
) -> None:
    grants = make_requested(tiktok, factory)
    script = (
        "import django, os, signal; django.setup()\n"
        "from django.conf import settings\n"
        f"settings.TIKTOK = {settings.TIKTOK!r}\n"
        f"settings.VAULT_KEYS = {settings.VAULT_KEYS!r}\n"
        "from accounts.flows import attempts\n"
        "attempts.close = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from accounts.tasks import carry_out_grants\n"
        f"carry_out_grants({keys_of(grants)!r})\n"
    )
    name = database.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if database.vendor == "postgresql":
        host = database.settings_dict["OPTIONS"]["host"]
        url = f"postgres://postgres@/{name}?host={host}"
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert tiktok.calls(SHARE) == 1
    leases = RoleGrant.objects.values_list("lease_until", flat=True)
    assert all(lease > timezone.now() for lease in leases)
    assert work.sweep() == 0
    sweep_later()
    assert states() == {State.ACTIVE}
    assert tiktok.calls(SHARE) == 1


class TestTheAnswerIsLost:
    def test_it_reads_before_it_asks_again(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(SHARE, loses_the_answer):
            work.carry_out(keys_of(requested))
        assert states() == {State.ACTIVE}
        assert tiktok.calls(SHARE) == 1
        outcomes = set(GrantAttempt.objects.values_list("outcome", flat=True))
        assert outcomes == {Outcome.UNKNOWN}

    def test_it_asks_again_when_the_read_shows_nothing(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(SHARE, once(never_arrives)) as asked:
            work.carry_out(keys_of(requested))
            assert states() == {State.REQUESTING}
            sweep_later()
        assert states() == {State.ACTIVE}
        assert len(asked) == 2

    def test_it_gives_up_after_five_tries(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(SHARE, never_arrives) as asked:
            sweep_later(times=8)
        assert states() == {State.FAILED}
        assert len(asked) == sharing.MOST_ATTEMPTS
        grant = RoleGrant.objects.first()
        assert grant.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER
        assert "5 tries" in grant.problem

    def test_it_waits_out_a_rate_limit_however_often(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        from tests.simulated import open_the_tap

        limited = says(b'{"code": 40132, "message": "slow", "data": {}}')
        with tiktok.disturbed(SHARE, limited):
            sweep_later(times=8)
        assert states() == {State.REQUESTING}
        open_the_tap()
        sweep_later()
        assert states() == {State.ACTIVE}

    def test_it_lets_the_read_decide_after_a_part(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        tiktok.control("switches", share_partly="share_rest")
        lost = requested[0].asset.external_id
        tiktok.control(f"accounts/{lost}", relation_status="UNBOUND")
        work.carry_out(keys_of(requested))
        found = {g.asset.external_id: g.state for g in RoleGrant.objects.all()}
        assert found.pop(lost) == State.REQUESTING
        assert set(found.values()) == {State.ACTIVE}

    def test_it_fails_what_is_refused_for_good(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        with tiktok.disturbed(SHARE, says(b'{"code": 40001, "message": "no"}')):
            work.carry_out(keys_of(requested))
        assert states() == {State.FAILED}
        grant = RoleGrant.objects.first()
        assert grant.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER
        assert "40001" in grant.problem
        assert grant.next_check_at is None


BROKEN_ANSWERS = {
    "no JSON": b"<html>",
    "no object": b"[]",
    "no code": b'{"data": {}}',
    "no list": b'{"code": 0, "data": {"page_info": {"page": 1, "total_number": 1,'
    b' "total_page": 1}}}',
    "a row without an id": b'{"code": 0, "data": {"list": [{}], "page_info":'
    b' {"page": 1, "page_size": 50, "total_number": 1, "total_page": 1}}}',
    "fewer rows than told": b'{"code": 0, "data": {"list": [], "page_info":'
    b' {"page": 1, "page_size": 50, "total_number": 3, "total_page": 1}}}',
}


class TestAFailedReadChangesNothing:
    @pytest.mark.matrix
    @pytest.mark.parametrize("body", BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS)
    def test_it_keeps_an_active_grant_as_it_was(
        self, requested: list[RoleGrant], tiktok: Simulated, body: bytes
    ) -> None:
        work.carry_out(keys_of(requested))
        before = list(RoleGrant.objects.order_by("pk").values())
        with tiktok.disturbed(OUR_READ, says(body)):
            work.read_now(RoleGrant.objects.all(), by=BY)
        assert list(RoleGrant.objects.order_by("pk").values()) == before

    def test_it_leaves_evidence_of_the_failure_only(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        from accounts.models import GrantRead, PlatformRead

        work.carry_out(keys_of(requested))
        reads = GrantRead.objects.count()
        with tiktok.disturbed(OUR_READ, says(b"<html>")):
            work.read_now(RoleGrant.objects.all(), by=BY)
        failed = PlatformRead.objects.exclude(problem="").get()
        assert (failed.rows_stored, failed.sha256) == (0, "")
        assert GrantRead.objects.count() == reads

    def test_it_says_on_the_connection_what_was_malformed(
        self, requested: list[RoleGrant], tiktok: Simulated, our_side: Connection
    ) -> None:
        with tiktok.disturbed(OUR_READ, says(b"<html>")):
            work.carry_out(keys_of(requested))
        our_side.refresh_from_db()
        assert "cannot read" in our_side.problem
        assert our_side.state == Connection.State.LIVE
        assert states() == {State.UNVERIFIED}
        sweep_later()
        our_side.refresh_from_db()
        assert our_side.problem == ""
        assert states() == {State.ACTIVE}

    def test_it_keeps_waiting_for_our_admin_through_an_outage(
        self, our_side: Connection, tiktok: Simulated, factory: Factory
    ) -> None:
        make_requested(tiktok, factory, "dana")
        sweep_later()
        assert states() == {State.PENDING}
        with tiktok.disturbed(OUR_READ, never_arrives):
            sweep_later()
        for grant in RoleGrant.objects.all():
            assert grant.state == State.PENDING
            assert grant.waits_on == RoleGrant.WaitsOn.CENTER_ADMIN
            assert grant.next_check_at > timezone.now()

    def test_it_says_who_acts_when_no_key_of_ours_reads(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        tiktok.control("tokens/revoke", person="priya")
        work.carry_out(keys_of(requested))
        sweep_later()
        for grant in RoleGrant.objects.all():
            assert grant.state == State.UNVERIFIED
            assert grant.waits_on == RoleGrant.WaitsOn.ACCESS_OWNER
            assert "We cannot verify" in grant.problem

    def test_it_reads_with_the_second_key_when_the_first_is_dead(
        self, requested: list[RoleGrant], tiktok: Simulated, owner: Any
    ) -> None:
        from tests.simulated import connect_our_side

        connect_our_side(tiktok, owner, "mira")
        tiktok.control("tokens/revoke", person="mira")
        work.carry_out(keys_of(requested))
        assert states() == {State.ACTIVE}
        dead = Connection.objects.get(label="Mira Okafor")
        assert dead.state == Connection.State.NEEDS_REAUTHORIZATION
        assert dead.problem


class TestOnlyTheReadDecides:
    def test_it_waits_until_the_share_is_seen(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        tiktok.control("switches", share_visible_after_reads=3)
        work.carry_out(keys_of(requested))
        assert states() == {State.ACTIVE}
        assert tiktok.calls(SHARE) == 1

    def test_it_is_not_green_with_another_role(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        tiktok.control("switches", share_again="keep_role")
        asset = requested[0].asset
        from accounts.flows.sharing import clients_key
        from accounts.platforms.roles import Role

        connections.call(
            clients_key(requested[0]),
            lambda connector, token: connector.share_accounts(
                token,
                asset.center.external_id,
                main_receiver().external_id,
                [asset.external_id],
                Role.ANALYST,
            ),
            purpose="share before",
            by=BY,
            in_person=True,
        )
        work.carry_out(keys_of(requested))
        grant = RoleGrant.objects.get(pk=requested[0].pk)
        assert grant.state == State.UNVERIFIED
        assert (grant.observed_role, grant.observed_native) == ("analyst", "ANALYST")
        assert grant.waits_on == RoleGrant.WaitsOn.CLIENT
        assert "we asked for Operator" in grant.problem
        assert grant.verified_at is None

    def test_it_is_no_longer_green_when_it_is_gone(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        work.carry_out(keys_of(requested))
        tiktok.control(
            "shares/undo",
            giver=tiktok.center("Lang Optics"),
            receiver=tiktok.center("Northlight Agency"),
        )
        work.read_now(RoleGrant.objects.all(), by=BY)
        assert states() == {State.UNVERIFIED}

    def test_it_says_when_an_active_grant_was_not_read_today(
        self, requested: list[RoleGrant], tiktok: Simulated
    ) -> None:
        from accounts.ladder import pill_of

        work.carry_out(keys_of(requested))
        grant = RoleGrant.objects.first()
        assert pill_of(grant)["tone"] == "ok"
        grant.verified_at -= dt.timedelta(hours=24, seconds=1)
        assert pill_of(grant)["word"] == "Not checked today"
        assert pill_of(grant)["tone"] != "ok"


def test_it_does_not_stop_the_sweep_for_one_key_that_does_not_open(
    requested: list[RoleGrant], tiktok: Simulated, factory: Factory
) -> None:
    broken = make_requested(tiktok, factory, "dana")
    Connection.objects.filter(label="dana").update(vault_ref="connections/gone")
    sweep_later()
    for grant in requested:
        grant.refresh_from_db()
        assert grant.state == State.ACTIVE
    for grant in broken:
        grant.refresh_from_db()
        assert grant.state == State.FAILED
    assert "vault" in Connection.objects.get(label="dana").problem


def test_it_fails_what_no_key_of_the_client_reaches(
    requested: list[RoleGrant], tiktok: Simulated
) -> None:
    Consent.objects.filter(purpose="client").update(state=Consent.State.HELD)
    work.carry_out(keys_of(requested))
    assert states() == {State.FAILED}
    assert tiktok.all_calls() == 0


def test_it_moves_the_client_to_active_with_the_first_grant(
    requested: list[RoleGrant],
) -> None:
    work.carry_out(keys_of(requested))
    assert Client.objects.get(name="Lang Optics").status == Client.Status.ACTIVE


def test_it_names_a_person_when_neither_side_lists_what_was_given(
    requested: list[RoleGrant], tiktok: Simulated
) -> None:
    tiktok.control("faults", endpoint=OUR_READ, fault="share_undone")
    work.carry_out(keys_of(requested))
    waits_on = set(RoleGrant.objects.values_list("waits_on", flat=True))
    assert waits_on == {RoleGrant.WaitsOn.PLATFORM}
    GrantAttempt.objects.update(started_at=timezone.now() - dt.timedelta(hours=2))
    sweep_later(times=2)
    for grant in RoleGrant.objects.all():
        assert grant.state == State.UNVERIFIED
        assert grant.waits_on == RoleGrant.WaitsOn.ACCOUNT_MANAGER
        assert "neither side lists it" in grant.problem
