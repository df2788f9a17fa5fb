"""The morning letter: to whom, when, about what, and once a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Client, RoleGrant, User
from agencyportal import digest
from agencyportal.tasks import send_digests
from onboarding.models import RequestItem
from tests.factory import Factory

UTC = dt.UTC
State = RoleGrant.State
# A Tuesday: eight o'clock in Berlin, seven in London, two at night in New York.
MORNING = dt.datetime(2031, 6, 3, 6, 0, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the timetable find the portal at this moment; return the letters' readers."""

    def go(moment: dt.datetime = MORNING) -> list[str]:
        mail.outbox.clear()
        monkeypatch.setattr(timezone, "now", lambda: moment)
        send_digests()
        return [letter.to[0] for letter in mail.outbox]

    return go


@pytest.fixture
def aurora(factory: Factory) -> Client:
    return factory.make_client(name="Aurora Wines")


@pytest.fixture
def mira(factory: Factory, aurora: Client) -> User:
    return factory.make_user(
        name="Mira Okafor",
        email="mira@northlight.example",
        serves=aurora,
        time_zone="Europe/Berlin",
    )


@pytest.fixture
def waiting(factory: Factory, aurora: Client, mira: User) -> RoleGrant:
    """Something at Aurora Wines that Mira has to do."""
    account = factory.make_ad_account(client=aurora, name="Aurora Red")
    return factory.make_grant(
        asset=account, state=State.MANUAL, waits_on="account_manager"
    )


def words() -> str:
    return " ".join(mail.outbox[0].body.split())


class TestWhen:
    @pytest.mark.parametrize(
        "moment",
        [
            MORNING - dt.timedelta(minutes=1),
            MORNING + dt.timedelta(hours=4),  # noon
            MORNING + dt.timedelta(days=4),  # Saturday
            MORNING + dt.timedelta(days=5),
        ],
    )
    def test_there_is_none_at_other_times(
        self, at: Any, waiting: RoleGrant, moment: dt.datetime
    ) -> None:
        assert at(moment) == []

    def test_it_comes_at_eight_by_the_colleagues_own_clock(
        self, at: Any, waiting: RoleGrant, mira: User
    ) -> None:
        assert at() == [mira.email]
        User.objects.update(time_zone="America/New_York", digest_on=None)
        assert at() == []
        assert at(MORNING + dt.timedelta(hours=6)) == [mira.email]

    def test_it_comes_once_a_day(self, at: Any, waiting: RoleGrant, mira: User) -> None:
        assert at() == [mira.email]
        assert at(MORNING + dt.timedelta(minutes=15)) == []
        assert at(MORNING + dt.timedelta(days=1)) == [mira.email]

    def test_of_two_workers_one_is_too_late(
        self, waiting: RoleGrant, mira: User
    ) -> None:
        assert [digest.send(mira, MORNING) for _ in range(2)] == [True, False]
        assert len(mail.outbox) == 1


class TestWhom:
    def test_who_has_nothing_to_do_hears_nothing(self, at: Any, mira: User) -> None:
        assert at() == []

    @pytest.mark.parametrize("role", ["Media buyers", "Auditors", ""])
    def test_who_does_not_act_hears_nothing(
        self, at: Any, waiting: RoleGrant, mira: User, factory: Factory, role: str
    ) -> None:
        factory.make_user(role=role, serves=None, time_zone="Europe/Berlin")
        assert at() == [mira.email]

    def test_a_deputy_hears_what_the_one_away_does_not(
        self, at: Any, waiting: RoleGrant, mira: User, factory: Factory
    ) -> None:
        noa = factory.make_user(time_zone="Europe/Berlin")
        factory.make_assignment(client=waiting.asset.client, user=noa, role="deputy")
        assert at() == [mira.email]
        User.objects.update(digest_on=None)
        User.objects.filter(pk=mira.pk).update(away_until=dt.date(2031, 6, 30))
        assert at() == [noa.email]

    @pytest.mark.parametrize(
        "gone", [{"is_active": False}, {"expires_on": dt.date(2031, 6, 2)}]
    )
    def test_who_may_not_sign_in_hears_nothing(
        self, at: Any, waiting: RoleGrant, mira: User, gone: dict[str, Any]
    ) -> None:
        User.objects.filter(pk=mira.pk).update(**gone)
        assert at() == []


class TestWords:
    def test_nothing_of_a_strangers_is_in_it(
        self, at: Any, waiting: RoleGrant, factory: Factory
    ) -> None:
        other = factory.make_client(name="Borealis Books")
        factory.make_item(request=factory.make_request(client=other))
        factory.make_grant(
            asset=factory.make_ad_account(client=other, name="Borealis Spring"),
            state=State.ACTIVE,
            ends_on=MORNING.date(),
        )
        at()
        letter: Any = mail.outbox[0]
        assert "Borealis" not in letter.body + letter.alternatives[0][0]

    def test_it_says_what_needs_whom_and_links_there(
        self, at: Any, waiting: RoleGrant
    ) -> None:
        at()
        letter: Any = mail.outbox[0]
        page = f"https://portal.example/admin/accounts/rolegrant/{waiting.pk}/change/"
        assert letter.subject == "One thing needs you. Nothing waits on a client."
        assert "NEEDS YOU * Aurora Red, Aurora Wines" in words()
        assert page in letter.body
        assert f'href="{page}"' in letter.alternatives[0][0]

    def test_it_says_whom_we_wait_for_and_since_when(
        self, at: Any, mira: User, aurora: Client, factory: Factory
    ) -> None:
        asked = factory.make_request(
            client=aurora,
            asked_at=MORNING - dt.timedelta(days=9),
            closes_at=MORNING + dt.timedelta(days=9),
        )
        factory.make_item(request=asked)
        factory.make_link(request=asked)
        at()
        assert "WAITS ON CLIENTS * Aurora Wines (since 25 May)" in words()
        assert f"{asked.contact} has the link until 12 June." in words()

    def test_it_says_which_roles_and_links_end_soon(
        self, at: Any, mira: User, aurora: Client, factory: Factory
    ) -> None:
        account = factory.make_ad_account(client=aurora, name="Aurora Red")
        held = {"state": State.ACTIVE, "asset": account}
        factory.make_grant(**held, ends_on=dt.date(2031, 6, 17))
        account = factory.make_ad_account(client=aurora, name="Aurora White")
        factory.make_grant(**held | {"asset": account}, ends_on=dt.date(2031, 6, 18))
        soon, later = (
            factory.make_request(
                client=aurora, closes_at=MORNING + dt.timedelta(days=days)
            )
            for days in (2, 4)
        )
        factory.make_item(request=soon)
        factory.make_item(request=later)
        at()
        ends = words().partition("ENDS SOON")[2]
        assert "* 5 June: Aurora Wines" in ends
        assert "* 17 June: Aurora Red, Aurora Wines Operator for" in ends
        assert "Aurora White" not in ends
        assert str(later.pk) not in ends

    def test_a_request_of_ours_has_no_link_that_ends(
        self, at: Any, mira: User, aurora: Client, factory: Factory
    ) -> None:
        asked = factory.make_request(
            client=aurora, closes_at=MORNING + dt.timedelta(days=2)
        )
        factory.make_item(request=asked, method=RequestItem.Method.METHOD_A)
        at()
        assert "Our request ends: Operator on TikTok" in words().partition("SOON")[2]
