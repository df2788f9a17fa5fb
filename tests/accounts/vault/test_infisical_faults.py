"""What Infisical does to us, played by the stand-in in the words of the facts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import VaultLogin
from accounts.outbound import OutboundError
from accounts.vault.checking import vault_trouble
from accounts.vault.infisical import Infisical, login, open_infisical
from tests.infisical import Fake
from tests.infisical.server import Usual
from tests.infisical.wire import Refused, Request, Response, something_went_wrong

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NAME = "connections__7b1f__refresh-token"


def write(infisical: Infisical, value: str = "{}") -> None:
    infisical.write(NAME, value, until=time.monotonic() + 60)


def failed(act: Callable[[], Any]) -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        act()
    return caught.value


def answering(*fates: Exception | None, method: str = "") -> Any:
    """Answer calls on secrets, of one verb or any, with these in turn; then as usual.

    None: do what is asked, and lose the answer.
    """
    left = list(fates)

    def disturb(request: Request, usual: Usual) -> Response:
        concerns = "/secrets/" in request.path and method in ("", request.method)
        if not (left and concerns):
            return usual(request)
        fate = left.pop(0)
        if fate is None:
            usual(request)
            fate = something_went_wrong()
        raise fate

    return disturb


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the portal's own clock is ahead."""
    ahead = [0.0]
    real = time.monotonic
    monkeypatch.setattr(login.time, "monotonic", lambda: real() + ahead[0])
    return ahead


class TestLogin:
    def test_it_never_tries_refused_credentials_again(
        self, fake: Fake, settings: Any
    ) -> None:
        settings.INFISICAL["client_secret"] = "wrong"
        for _ in range(5):
            error = failed(lambda: open_infisical().read(NAME))
            assert error.kind == "login"
            assert "INFISICAL_CLIENT_SECRET" in str(error)
        assert fake.identities.logins == 1
        assert "wrong" not in repr(list(VaultLogin.objects.values()))

    def test_it_tries_changed_credentials_at_once(
        self, fake: Fake, settings: Any
    ) -> None:
        right = settings.INFISICAL["client_secret"]
        settings.INFISICAL["client_secret"] = "wrong"
        failed(lambda: open_infisical().read(NAME))
        settings.INFISICAL["client_secret"] = right
        assert open_infisical().read(NAME) is None

    def test_it_says_that_the_login_is_locked(self, fake: Fake) -> None:
        fake.me.locked_until = fake.now() + 300
        error = failed(lambda: open_infisical().read(NAME))
        assert "clears the lockout" in str(error)
        fake.me.locked_until = 0
        assert failed(lambda: open_infisical().read(NAME)).kind == "login"
        open_infisical().login.try_again()
        assert open_infisical().read(NAME) is None

    def test_it_waits_a_lockout_out_and_tries_once(self, fake: Fake) -> None:
        """Whoever knows the client id can lock it: that must not last for ever."""
        fake.me.locked_until = fake.now() + 900
        assert not failed(lambda: open_infisical().read(NAME)).permanent
        for _ in range(3):
            VaultLogin.objects.update(refused_at=timezone.now() - login.LOCKED_FOR)
            failed(lambda: open_infisical().read(NAME))
            failed(lambda: open_infisical().read(NAME))
        assert fake.identities.logins == 4
        fake.me.locked_until = 0
        VaultLogin.objects.update(refused_at=timezone.now() - login.LOCKED_FOR)
        assert open_infisical().read(NAME) is None
        assert vault_trouble() == ""

    def test_it_tries_wrong_credentials_no_more_however_long_ago(
        self, fake: Fake, settings: Any
    ) -> None:
        settings.INFISICAL["client_secret"] = "wrong"
        failed(lambda: open_infisical().read(NAME))
        VaultLogin.objects.update(refused_at=timezone.now() - 9 * login.LOCKED_FOR)
        assert failed(lambda: open_infisical().read(NAME)).permanent
        assert fake.identities.logins == 1

    def test_it_leaves_a_login_under_way_to_its_process(
        self, fake: Fake, clock: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mine = open_infisical().login
        VaultLogin.objects.create(
            fingerprint=mine.fingerprint,
            lease_until=login.timezone.now() + login.LEASE,
        )

        def nap(seconds: float) -> None:
            clock[0] += 5

        monkeypatch.setattr(login.time, "sleep", nap)
        assert not failed(mine.bearer).permanent
        assert fake.identities.logins == 0

    def test_it_logs_in_once_for_many_calls(self, fake: Fake) -> None:
        for _ in range(5):
            open_infisical().read(NAME)
        assert fake.identities.logins == 1

    def test_it_logs_in_anew_at_four_fifths_of_a_token_s_life(
        self, fake: Fake, clock: list[float]
    ) -> None:
        open_infisical().read(NAME)
        clock[0] = 0.79 * fake.me.lives_seconds
        open_infisical().read(NAME)
        assert fake.identities.logins == 1
        clock[0] = 0.81 * fake.me.lives_seconds
        open_infisical().read(NAME)
        assert fake.identities.logins == 2

    def test_it_logs_in_once_more_when_a_token_is_refused(self, fake: Fake) -> None:
        write(open_infisical())
        fake.identities.tokens.clear()
        assert open_infisical().read(NAME) == "{}"
        fake.ahead_seconds = 2 * fake.me.lives_seconds
        write(open_infisical(), '{"n": 2}')
        assert fake.identities.logins == 3

    def test_it_stops_when_a_fresh_token_is_refused_too(self, fake: Fake) -> None:
        fake.me.lives_seconds = -1
        error = failed(lambda: open_infisical().read(NAME))
        assert "clock" in str(error)
        assert fake.identities.logins == 2


class TestReads:
    def test_it_takes_no_hidden_value_for_a_value(self, fake: Fake) -> None:
        write(open_infisical())

        def hide(request: Request, usual: Usual) -> Response:
            request.query["viewSecretValue"] = "false"
            return usual(request)

        fake.disturb = hide
        assert "read values" in str(failed(lambda: open_infisical().read(NAME)))

    def test_it_asks_three_times_through_an_outage(self, fake: Fake) -> None:
        fake.disturb = answering(*[something_went_wrong()] * 3)
        assert failed(lambda: open_infisical().read(NAME)).kind == "fault"
        assert fake.calls("GET") == 3

    def test_it_waits_when_asked_to_slow_down(self, fake: Fake) -> None:
        fake.disturb = answering(Refused(429, "", "Rate limit exceeded"))
        error = failed(lambda: open_infisical().read(NAME))
        assert (error.kind, error.permanent) == ("rate", False)
        assert fake.calls("GET") == 1


class TestWrites:
    def test_it_takes_a_change_kept_for_approval_for_not_stored(
        self, fake: Fake
    ) -> None:
        write(open_infisical())
        fake.wants_approval = True
        assert "approval" in str(failed(lambda: write(open_infisical(), '{"n": 2}')))
        assert fake.held()[NAME] == "{}"

    def test_it_replaces_what_somebody_made_meanwhile(self, fake: Fake) -> None:
        write(open_infisical())
        missing = Refused(404, "NotFound", f"Secret with name {NAME} not found")
        fake.disturb = answering(missing)
        write(open_infisical(), '{"n": 2}')
        assert fake.held() == {NAME: '{"n": 2}'}
        assert (fake.calls("POST"), fake.calls("PATCH")) == (2, 3)

    def test_it_starts_over_when_a_race_to_make_it_is_lost(self, fake: Fake) -> None:
        fake.disturb = answering(None, method="POST")
        write(open_infisical())
        assert fake.held() == {NAME: "{}"}
        assert (fake.calls("POST"), fake.calls("PATCH")) == (1, 2)

    def test_it_writes_three_times_at_most(self, fake: Fake) -> None:
        fake.disturb = answering(*[something_went_wrong()] * 9)
        assert failed(lambda: write(open_infisical())).kind == "fault"
        assert fake.calls("PATCH") == 3

    def test_it_sends_nothing_once_its_time_is_over(self, fake: Fake) -> None:
        late = time.monotonic() - 1
        error = failed(lambda: open_infisical().write(NAME, "{}", until=late))
        assert not error.permanent
        assert fake.calls("PATCH") == 0
