"""Nobody takes a colleague's second factor off alone, and never behind their back."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.flows import resets
from accounts.models import Approval, Event, FactorReset, User
from accounts.roles import ACCESS_OWNERS, ACCOUNT_MANAGERS, AUDITORS, MEDIA_BUYERS
from accounts.trail import describe
from tests.accounts.signin.people import PASSWORD, give_recovery_codes, sign_in
from tests.base import HttpsClient
from tests.factory import Factory

WHY = "Lost her phone; I saw her in the office."


def long_known(
    factory: Factory, name: str, role: str = ACCESS_OWNERS, **fields
) -> User:
    joined = timezone.now() - dt.timedelta(days=30)
    return factory.make_user(name=name, role=role, date_joined=joined, **fields)


@pytest.fixture
def mira(factory: Factory) -> User:
    """Signed in with her phone, and with recovery codes in a drawer."""
    user = long_known(factory, "Mira Okafor", ACCOUNT_MANAGERS, password=PASSWORD)
    user.browser = HttpsClient()
    sign_in(user.browser, user)
    give_recovery_codes(user)
    return user


@pytest.fixture
def priya(factory: Factory) -> User:
    return long_known(factory, "Priya Nair")


@pytest.fixture
def owen(factory: Factory) -> User:
    return long_known(factory, "Owen Diaz")


@pytest.fixture
def asked(mira: User, priya: User) -> FactorReset:
    return resets.ask(mira, reason=WHY, by=priya)


def keeps_factors(user: User) -> bool:
    return Authenticator.objects.filter(user=user).count() == 2


def told() -> list[str]:
    words = ("asked", "reset", "kept", "lapsed")
    steps = [f"second_factor.{word}" for word in words]
    events = Event.objects.filter(action__in=steps).order_by("pk")
    return [sentence for _, sentence in describe(events)]


class TestAsking:
    @pytest.mark.parametrize("role", [ACCOUNT_MANAGERS, MEDIA_BUYERS, AUDITORS])
    def test_only_who_manages_people_asks(self, factory, mira, role) -> None:
        with pytest.raises(resets.CannotReset, match="An access owner asks"):
            resets.ask(mira, reason=WHY, by=factory.make_user(role=role))

    def test_nobody_asks_for_themselves(self, priya) -> None:
        with pytest.raises(resets.CannotReset, match="somebody else asks"):
            resets.ask(priya, reason=WHY, by=priya)

    def test_there_is_nothing_to_take_from_who_has_none(self, factory, priya) -> None:
        with pytest.raises(resets.CannotReset, match="has no second factor"):
            resets.ask(factory.make_user(), reason=WHY, by=priya)

    def test_it_is_asked_once(self, asked, mira, owen) -> None:
        with pytest.raises(resets.CannotReset, match="asked for already"):
            resets.ask(mira, reason=WHY, by=owen)
        assert FactorReset.objects.count() == 1

    def test_who_was_added_for_it_does_not_ask(self, factory, mira) -> None:
        newcomer = factory.make_user(role=ACCESS_OWNERS)
        with pytest.raises(resets.CannotReset, match="another access owner asks"):
            resets.ask(mira, reason=WHY, by=newcomer)

    def test_who_was_changed_for_it_does_not_ask(self, mira, priya) -> None:
        priya.changed_at = timezone.now()
        with pytest.raises(resets.CannotReset, match="less than a week ago"):
            resets.ask(mira, reason=WHY, by=priya)

    def test_nobody_is_asked_about_whose_address_moved(self, mira, priya) -> None:
        """Else the letters would go to whoever moved it."""
        mira.changed_at = timezone.now() - dt.timedelta(days=6)
        with pytest.raises(resets.CannotReset, match="on the server"):
            resets.ask(mira, reason=WHY, by=priya)
        assert not mail.outbox

    def test_a_newcomer_may_lose_a_phone(self, factory, priya) -> None:
        newcomer = factory.make_user()
        sign_in(HttpsClient(), newcomer)
        assert resets.ask(newcomer, reason=WHY, by=priya)

    def test_a_week_after_a_change_all_is_as_before(self, mira, priya, owen) -> None:
        for user in (mira, priya, owen):
            user.changed_at = timezone.now() - dt.timedelta(days=7)
            user.save()
        resets.carry_out(resets.ask(mira, reason=WHY, by=priya), by=owen)
        assert not Authenticator.objects.filter(user=mira).exists()

    def test_asking_takes_nothing(self, asked, mira) -> None:
        assert keeps_factors(mira)
        assert mira.browser.get(reverse("admin:index")).status_code == 200

    def test_it_is_told_and_the_colleague_has_a_letter(self, asked, mira) -> None:
        assert told() == [
            f"Priya Nair asks to take off Mira Okafor's second factor: {WHY}"
        ]
        assert mail.outbox[-1].to == [mira.email]
        assert "Priya Nair asks" in mail.outbox[-1].subject


class TestDoing:
    def test_the_asker_does_not_do_it(self, asked, mira, priya) -> None:
        with pytest.raises(resets.CannotReset, match="You asked for this"):
            resets.carry_out(asked, by=priya)
        assert keeps_factors(mira)

    def test_a_superuser_does_not_do_alone_what_they_asked(self, factory, mira):
        boss = long_known(factory, "Boss", role="", is_superuser=True)
        asked = resets.ask(mira, reason=WHY, by=boss)
        with pytest.raises(resets.CannotReset, match="You asked for this"):
            resets.carry_out(asked, by=boss)
        assert keeps_factors(mira)

    def test_the_colleague_does_not_do_it(self, factory, priya) -> None:
        other = long_known(factory, "Ada")
        sign_in(HttpsClient(), other)
        asked = resets.ask(other, reason=WHY, by=priya)
        with pytest.raises(resets.CannotReset, match="your own"):
            resets.carry_out(asked, by=other)

    @pytest.mark.parametrize("role", [ACCOUNT_MANAGERS, MEDIA_BUYERS, AUDITORS])
    def test_only_who_manages_people_does_it(self, factory, asked, mira, role) -> None:
        with pytest.raises(resets.CannotReset, match="An access owner does"):
            resets.carry_out(asked, by=long_known(factory, "X", role))
        assert keeps_factors(mira)

    def test_a_second_self_made_for_it_does_not_do_it(self, factory, asked, mira):
        newcomer = factory.make_user(role=ACCESS_OWNERS)
        with pytest.raises(resets.CannotReset, match="less than a week"):
            resets.carry_out(asked, by=newcomer)
        assert keeps_factors(mira)

    def test_a_colleague_changed_for_it_does_not_do_it(self, asked, mira, owen):
        owen.changed_at = timezone.now()
        with pytest.raises(resets.CannotReset, match="less than a week"):
            resets.carry_out(asked, by=owen)
        assert keeps_factors(mira)

    @pytest.mark.parametrize(
        "change",
        [
            {"is_active": False},
            {"expires_on": dt.date(2026, 1, 1)},
            {"changed_at": timezone.now()},
        ],
    )
    def test_the_asking_of_who_left_or_was_changed_counts_no_more(
        self, asked, mira, priya, owen, change: dict
    ) -> None:
        User.objects.filter(pk=priya.pk).update(**change)
        with pytest.raises(resets.CannotReset, match="Priya Nair, who asked, no long"):
            resets.carry_out(asked, by=owen)
        assert keeps_factors(mira)

    def test_the_asking_of_who_lost_the_role_counts_no_more(
        self, asked, mira, priya, owen
    ) -> None:
        priya.groups.clear()
        with pytest.raises(resets.CannotReset, match="who asked, no longer manages"):
            resets.carry_out(asked, by=owen)
        assert keeps_factors(mira)

    def test_an_address_moved_since_the_asking_stops_it(
        self, asked, mira, owen
    ) -> None:
        User.objects.filter(pk=mira.pk).update(changed_at=timezone.now())
        with pytest.raises(resets.CannotReset, match="waits until the week is over"):
            resets.carry_out(asked, by=owen)
        assert keeps_factors(mira)

    def test_it_is_not_done_after_three_days(self, asked, mira, priya, owen) -> None:
        asked_at = timezone.now() - dt.timedelta(days=3)
        FactorReset.objects.update(asked_at=asked_at)
        with pytest.raises(resets.CannotReset, match="more than three days ago"):
            resets.carry_out(asked, by=owen)
        assert keeps_factors(mira)
        assert resets.open_reset(mira) is None
        resets.carry_out(resets.ask(mira, reason=WHY, by=priya), by=owen)
        assert told()[1] == "Nobody took off Mira Okafor's second factor in time."
        assert not keeps_factors(mira)

    def test_it_is_done_once(self, asked, owen) -> None:
        resets.carry_out(asked, by=owen)
        with pytest.raises(resets.CannotReset, match="decided already"):
            resets.carry_out(asked, by=owen)
        assert len(told()) == 2

    def test_it_takes_factors_and_codes_and_ends_every_session(
        self, asked, mira, owen
    ) -> None:
        resets.carry_out(asked, by=owen)
        assert not Authenticator.objects.filter(user=mira).exists()
        assert not UserSession.objects.filter(user=mira).exists()
        assert not Session.objects.exists()
        page = mira.browser.get(reverse("admin:index"))
        assert page.url.startswith(reverse("admin:login"))

    def test_the_colleague_enrols_at_the_next_sign_in(self, asked, mira, owen) -> None:
        resets.carry_out(asked, by=owen)
        data = {"login": mira.email, "password": PASSWORD}
        mira.browser.post(reverse("account_login"), data)
        assert mira.browser.get(reverse("admin:index")).url == reverse("mfa_index")

    def test_it_is_told_and_the_colleague_has_a_letter(self, asked, mira, owen) -> None:
        resets.carry_out(asked, by=owen)
        assert told()[1] == f"Owen Diaz took off Mira Okafor's second factor: {WHY}"
        assert mail.outbox[-1].to == [mira.email]
        assert "Owen Diaz took off" in mail.outbox[-1].body
        asked.refresh_from_db()
        assert asked.approval.decision == Approval.Decision.APPROVED
        assert asked.approval.decided_by == owen


class TestLeavingIt:
    def test_the_asker_takes_it_back(self, asked, mira, priya) -> None:
        resets.drop(asked, by=priya)
        asked.refresh_from_db()
        assert asked.approval.decision == Approval.Decision.VOID
        assert keeps_factors(mira)

    def test_another_refuses_it(self, asked, mira, owen) -> None:
        resets.drop(asked, by=owen)
        asked.refresh_from_db()
        assert asked.approval.decision == Approval.Decision.REFUSED
        with pytest.raises(resets.CannotReset, match="decided already"):
            resets.carry_out(asked, by=owen)
        assert keeps_factors(mira)

    def test_it_may_be_asked_for_again(self, asked, mira, priya, owen) -> None:
        resets.drop(asked, by=owen)
        assert resets.ask(mira, reason=WHY, by=priya) != asked


class TestTheCommand:
    def test_it_knows_nobody_of_another_address(self, db) -> None:
        with pytest.raises(CommandError, match="No colleague"):
            call_command("reset_second_factor", "nobody@portal.example")

    def test_it_takes_the_factor_and_says_so_once(self, mira, capsys) -> None:
        before = Event.objects.count()
        call_command("reset_second_factor", mira.email.upper())
        assert not Authenticator.objects.filter(user=mira).exists()
        assert told() == [
            "The portal took off Mira Okafor's second factor:"
            " by a command on the server"
        ]
        assert Event.objects.count() == before + 1
