"""What people do on TikTok's website behind our back, done to the simulated one."""

from __future__ import annotations

from typing import Any

from agencyportal.simulator.cast import add_account, add_center
from agencyportal.simulator.state import (
    Account,
    Assignment,
    Center,
    Partnership,
    Relation,
    Share,
    World,
)
from tests.simulated import Simulated

AGENCY = "Northlight Agency"


class Website:
    """Verbs of a Business Center's page; what is named by name is found by name."""

    def __init__(self, tiktok: Simulated) -> None:
        self.tiktok = tiktok

    @property
    def world(self) -> World:
        return self.tiktok.running.store.world

    def center(self, name: str) -> Center:
        return next(one for one in self.world.centers if one.name == name)

    def add_partner(self, name: str, accounts: int, *, role: str = "OPERATOR") -> str:
        """Open a center that shares so many accounts with ours; return its id."""
        center = add_center(self.world, name, name)
        for number in range(1, accounts + 1):
            account = add_account(
                self.world, f"{name} {number:04}", name, center=center
            )
            self.share(account, role)
        return center.bc_id

    def share(self, account: Account, role: str = "OPERATOR") -> None:
        """Share an account with our center, and be its partner."""
        ours, giver = self.center(AGENCY).bc_id, account.owner_bc_id
        self.world.shares.append(
            Share(giver, ours, account.advertiser_id, role, "ACCEPTED")
        )
        if self.world.partnership(giver, ours) is None:
            self.world.partnerships.append(Partnership(giver, ours))

    def change_role(self, account_id: str, role: str) -> None:
        for share in self.world.shares:
            if share.asset_id == account_id:
                share.advertiser_role = role

    def undo(self, *account_ids: str) -> None:
        self.world.shares = [
            share for share in self.world.shares if share.asset_id not in account_ids
        ]
        self.world.assignments = [
            one for one in self.world.assignments if one.asset_id not in account_ids
        ]

    def rename(self, account_id: str, name: str) -> None:
        account = self.world.account(account_id)
        assert account is not None
        account.name = name

    def put_on(self, account_id: str, person: str, role: str = "OPERATOR") -> None:
        """Give one of our people a role on an account."""
        user_id, ours = self._user(person), self.center(AGENCY).bc_id
        self.take_off(account_id, person)
        self.world.assignments.append(Assignment(ours, user_id, account_id, role))

    def take_off(self, account_id: str, person: str) -> None:
        user_id = self._user(person)
        self.world.assignments = [
            one
            for one in self.world.assignments
            if (one.user_id, one.asset_id) != (user_id, account_id)
        ]

    def agree(self, account_id: str) -> None:
        """Say yes to our center's request for an account no center owns."""
        ours = self.center(AGENCY).bc_id
        self.world.relations.append(
            Relation(ours, account_id, "OWNER_INDIVIDUAL", "BOUND")
        )

    def switch(self, **values: Any) -> None:
        self.tiktok.control("switches", **values)

    def _user(self, person: str) -> str:
        found = self.world.person(person)
        assert found is not None
        return found.user_id
