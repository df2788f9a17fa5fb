"""The portal's own journeys: it shares, syncs, and takes back."""

from __future__ import annotations

from accounts.flows import withdrawing, work
from accounts.models import CenterSync, RoleGrant
from accounts.trail import Actor
from tests.accounts.flows.test_kill_safety import keys_of, make_requested
from tests.faults.journeys import READING_BACK, SHARING, Journey
from tests.simulated import main_receiver, run_jobs

State = RoleGrant.State
CENTER_LIST = "bc/asset/admin/get/"


class Share(Journey):
    """The portal shares what was asked for, and reads it back."""

    name = "share"
    places = (SHARING, READING_BACK)

    def prepare(self) -> None:
        self.grants = make_requested(self.stage.tiktok, self.stage.factory)

    def go(self) -> None:
        work.carry_out(keys_of(self.grants))
        self.stage.sweep()

    def go_on(self) -> None:
        self.stage.mend_our_key()
        self.stage.sweep()
        if not self.is_unharmed():
            self.stage.sweep()

    def is_unharmed(self) -> bool:
        return _states() == {State.ACTIVE}


class Sync(Share):
    """What was shared is read again, list by list."""

    name = "sync"
    places = (CENTER_LIST, READING_BACK, "bc/asset/member/get/", "bc/member/get/")

    def prepare(self) -> None:
        super().prepare()
        work.carry_out(keys_of(self.grants))
        self.stage.sync()
        assert _states() == {State.ACTIVE}

    def go(self) -> None:
        self.stage.sync()

    def is_unharmed(self) -> bool:
        is_read = not CenterSync.objects.exclude(problem="").exists()
        return is_read and super().is_unharmed()

    def go_on(self) -> None:
        self.stage.mend_our_key()
        self.stage.sync()
        if not self.is_unharmed():
            self.stage.sweep()
            self.stage.sync()


class Withdraw(Share):
    """What was shared is taken back, and read gone."""

    name = "withdraw"
    places = ("bc/partner/asset/delete/", READING_BACK)

    def prepare(self) -> None:
        super().prepare()
        work.carry_out(keys_of(self.grants))
        assert _states() == {State.ACTIVE}

    def go(self) -> None:
        for grant in RoleGrant.objects.all():
            by = Actor.staff(self.stage.owner)
            assert withdrawing.withdraw(grant, reason="The work ended.", by=by)
        run_jobs()
        self.stage.sweep()

    def go_on(self) -> None:
        super().go_on()
        if RoleGrant.objects.filter(waits_on=RoleGrant.WaitsOn.CLIENT).exists():
            self._client_ends_it()
            self.stage.sweep()

    def is_unharmed(self) -> bool:
        return _states() == {State.WITHDRAWN}

    def _client_ends_it(self) -> None:
        """The steps on the grant's page, done on the website."""
        giver = self.grants[0].asset.center.external_id
        receiver = main_receiver().external_id
        self.stage.tiktok.control("shares/undo", giver=giver, receiver=receiver)


def _states() -> set[str]:
    shares = RoleGrant.objects.filter(
        via=None, family=RoleGrant.Family.AD_ACCOUNT
    )  # who sits in our centers, every sync finds
    return set(shares.values_list("state", flat=True))
