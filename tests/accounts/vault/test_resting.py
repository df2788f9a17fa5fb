"""Secrets that rest in Infisical: written here first, carried over, fetched again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Event, EventPayload
from accounts.tasks import carry_secrets
from accounts.trail import Actor
from accounts.vault import Secret, VaultError, carrying, vault
from accounts.vault.infisical import Infisical
from accounts.vault.infisical.names import name_of
from accounts.vault.models import VaultSecret
from tests.infisical import Fake
from tests.infisical.server import Usual
from tests.infisical.wire import Request, Response, something_went_wrong

pytestmark = pytest.mark.django_db
ME = Actor.task("tests.vault")
HERE = "connections/7b1f/refresh-token"
NAME = name_of(HERE)
TOKEN = "rft.CANARY-1"


def put(text: str = TOKEN, reference: str = HERE, **more: Any) -> None:
    vault().set(reference, Secret(text), by=ME, **more)


def read(reference: str = HERE) -> str:
    return vault().get(reference, purpose="verify access", by=ME).reveal()


def refused(reference: str = HERE) -> VaultError:
    with pytest.raises(VaultError) as caught:
        read(reference)
    return caught.value


def sweep() -> int:
    return carrying.sweep(by=ME)


def sweep_later() -> int:
    VaultSecret.objects.exclude(due_at=None).update(
        due_at=timezone.now(), lease_until=None
    )
    return sweep()


def row() -> VaultSecret:
    return VaultSecret.objects.get(reference=HERE)


def is_down(request: Request, usual: Usual) -> Response:
    if "/secrets/" in request.path:
        raise something_went_wrong()
    return usual(request)


def overwrite(fake: Fake, value: str, name: str = NAME) -> None:
    """Write into our folder past the portal."""
    folder = fake.shelf.environments["prod"]["/connections/portal"]
    folder.secrets[name].versions.append(value)


@pytest.fixture
def resting(fake: Fake) -> Fake:
    """One secret that rests in Infisical, and there alone."""
    put()
    assert sweep() == 1
    fake.seen.clear()
    return fake


class TestNothingIsLost:
    def test_it_stays_here_while_infisical_is_away(self, fake: Fake) -> None:
        fake.disturb = is_down
        put()
        assert sweep() == 0
        assert sweep_later() == 0
        assert read() == TOKEN
        assert row().tries == 2
        fake.disturb = lambda request, usual: usual(request)
        assert sweep_later() == 1
        assert (read(), bytes(row().blob)) == (TOKEN, b"")
        assert (row().tries, row().problem) == (0, "")

    def test_it_stays_here_when_another_value_is_read_back(self, fake: Fake) -> None:
        def somebody_else(request: Request, usual: Usual) -> Response:
            if request.method == "GET":
                overwrite(fake, "{}")
            return usual(request)

        fake.disturb = somebody_else
        put()
        assert sweep() == 0
        assert "does not give back" in row().problem
        assert read() == TOKEN

    def test_it_keeps_a_newer_value_that_came_while_it_was_carried(
        self, fake: Fake
    ) -> None:
        put("first")
        claimed = carrying._claim(row())
        assert claimed is not None
        put("second")
        carrying._work(
            claimed, carrying.open_infisical(), carrying.time.monotonic() + 9
        )
        assert read() == "second"
        assert json.loads(fake.held()[NAME])["version"] == 1
        sweep_later()
        assert (read(), bytes(row().blob)) == ("second", b"")

    def test_it_leaves_a_row_to_the_worker_that_has_it(self, fake: Fake) -> None:
        put()
        VaultSecret.objects.update(lease_until=timezone.now() + carrying.LEASE)
        assert sweep() == 0
        assert fake.calls("PATCH") == 0

    def test_it_ends_at_the_first_trouble_with_infisical_itself(
        self, fake: Fake
    ) -> None:
        for number in range(5):
            put(reference=f"connections/{number}")
        fake.disturb = is_down
        sweep()
        assert fake.calls("PATCH") == 3  # one value, tried three times
        assert VaultSecret.objects.filter(tries=0).count() == 4

    @pytest.mark.matrix
    @pytest.mark.parametrize("call", range(4))
    @pytest.mark.parametrize("is_after", [False, True])
    def test_it_ends_the_same_wherever_it_is_killed(
        self, fake: Fake, call: int, is_after: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put("old")
        vault().set("connections/gone", Secret("gone"), by=ME)
        sweep()
        put("new")
        vault().delete("connections/gone", by=ME)
        with monkeypatch.context() as patch:
            die(patch, call, is_after)
            with pytest.raises(Killed):
                sweep()
        assert read() == "new"
        sweep_later()
        assert VaultSecret.objects.filter(due_at=None, blob=b"").count() == 1
        assert VaultSecret.objects.count() == 1
        assert set(fake.held()) == {NAME}
        assert read() == "new"


class Killed(BaseException):
    """What a kill signal does, as far as the code can tell."""


def die(patch: pytest.MonkeyPatch, number: int, is_after: bool) -> None:
    """Die before or after the call of this number."""
    usual, made = Infisical._call, []

    def call(self: Infisical, *args: Any, **kwargs: Any) -> Any:
        made.append(1)
        is_mine = len(made) == number + 1
        if is_mine and not is_after:
            raise Killed
        try:
            return usual(self, *args, **kwargs)
        finally:
            if is_mine:
                raise Killed

    patch.setattr(Infisical, "_call", call)


class TestReading:
    def test_it_tells_an_outage_from_a_lost_value(self, resting: Fake) -> None:
        resting.disturb = is_down
        assert not refused().permanent
        resting.disturb = lambda request, usual: usual(request)
        resting.shelf.environments["prod"]["/connections/portal"].secrets.clear()
        assert refused().permanent

    def test_it_calls_no_value_lost_when_the_settings_point_elsewhere(
        self, resting: Fake, settings: Any
    ) -> None:
        for name in ("tenant", "environment", "project"):
            settings.INFISICAL = {**resting.settings(), name: "elsewhere"}
            assert not refused().permanent

    def test_it_opens_no_earlier_value_put_back(self, resting: Fake) -> None:
        earlier = resting.held()[NAME]
        put("newer")
        sweep()
        overwrite(resting, earlier)
        assert "version 1" in str(refused())
        changed = json.dumps({**json.loads(earlier), "version": 2})
        overwrite(resting, changed)
        assert "does not open" in str(refused())

    def test_it_opens_no_value_of_another_reference(self, resting: Fake) -> None:
        put("mine", reference="connections/other")
        sweep()
        overwrite(resting, resting.held()[NAME], name_of("connections/other"))
        assert "does not open" in str(refused("connections/other"))

    def test_it_reads_what_was_written_while_it_fetched(
        self, resting: Fake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usual, left = Infisical.read, ["newer"]

        def read_late(self: Infisical, name: str, **more: bool) -> str | None:
            if left:
                put(left.pop())
                sweep()
            return usual(self, name, **more)

        monkeypatch.setattr(Infisical, "read", read_late)
        assert read() == "newer"

    def test_it_tells_the_trail_who_read_and_why(self, resting: Fake) -> None:
        read()
        event = Event.objects.get(action="vault.read")
        told = json.loads(EventPayload.objects.get(event_id=event.pk).body)
        assert told["purpose"] == "verify access"

    def test_it_opens_many_and_asks_no_more_once_infisical_is_away(
        self, fake: Fake
    ) -> None:
        many = {f"connections/{n}": Secret(f"value {n}") for n in range(4)}
        vault().set_many(many, by=ME)
        assert sweep() == 4
        found = vault().get_many([*many, "none"], purpose="refresh", by=ME)
        assert {name: found[name] for name in many} == many
        fake.seen.clear()
        fake.disturb = is_down
        put("here")
        found = vault().get_many([*many, HERE], purpose="refresh", by=ME)
        assert found[HERE] == Secret("here")
        assert all(isinstance(found[name], VaultError) for name in many)
        assert fake.calls("GET") == 3


class TestForgetting:
    def test_it_forgets_here_at_once_and_there_as_soon_as_it_can(
        self, resting: Fake
    ) -> None:
        resting.disturb = is_down
        vault().delete(HERE, by=ME)
        assert "holds nothing" in str(refused())
        assert sweep() == 0
        resting.disturb = lambda request, usual: usual(request)
        assert sweep_later() == 1
        assert resting.held() == {}
        assert not VaultSecret.objects.exists()

    def test_it_keeps_what_was_stored_again_before_that(self, resting: Fake) -> None:
        vault().delete(HERE, by=ME)
        put("again")
        sweep()
        assert (read(), list(resting.held())) == ("again", [NAME])
        assert row().version == 3


def test_it_is_carried_once_however_often_the_job_comes(fake: Fake) -> None:
    put()
    assert carry_secrets() == 1
    asked = len(fake.seen)
    assert carry_secrets() == carry_secrets() == 0
    assert len(fake.seen) == asked
    assert read() == TOKEN
