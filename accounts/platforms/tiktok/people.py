"""The people of a center: their seats there, and their roles on its accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.outbound.secret import Secret
from accounts.platforms.listing import Listing
from accounts.platforms.roles import Role
from accounts.platforms.tiktok import readers, spec
from accounts.platforms.tiktok.caller import ADVERTISER, Caller, written
from accounts.platforms.tiktok.values import (
    FINANCE_ROLES,
    NATIVE_ROLES,
    SEAT_ROLES,
    AccountMember,
    Member,
    Written,
)


@dataclass(frozen=True)
class People(Caller):
    """The calls about people (facts 5.2, 5.5); all need an admin of the center."""

    # Seats in the center (facts 5.5) -------------------------------------------------

    def members(self, token: Secret, center_id: str) -> Listing[Member]:
        """Return people and invitations (facts 5.5, doc 1739939404802049)."""
        asked = {"bc_id": center_id}
        return self._pages(
            token, "bc/member/get/", asked, readers.member, size=spec.MEMBER_PAGE
        )

    def invite_member(
        self, token: Secret, center_id: str, email: str, role: Role
    ) -> Written:
        """Invite an address to a seat; whoever has it must accept by mail.

        One that is invited already is left out without a word. Facts 5.5, doc
        1739939455765505.
        """
        body = {
            "bc_id": center_id,
            "emails": [email],
            "user_role": SEAT_ROLES[role],
        }
        return written(self._post("bc/member/invite/", body, token))

    def update_member(
        self,
        token: Secret,
        center_id: str,
        member_id: str,
        *,
        role: Role | None = None,
        finance_role: Role | None = None,
    ) -> Written:
        """Set a seat's role, or its finance role, where one is named.

        A named `unknown` takes the finance role off: with an empty object, which is
        unconfirmed. Facts 5.5, doc 1739696704424961.
        """
        body = {
            "bc_id": center_id,
            "user_id": member_id,
            **({} if role is None else {"user_role": SEAT_ROLES[role]}),
            **({} if finance_role is None else finance(finance_role)),
        }
        return written(self._post("bc/member/update/", body, token))

    def remove_member(
        self, token: Secret, center_id: str, *, member_id: str = "", email: str = ""
    ) -> Written:
        """Take a person out by id, or an invitation back by its address.

        Facts 5.5, doc 1739939482851329.
        """
        if bool(member_id) == bool(email):
            raise ValueError("Name the member's id, or the address invited.")
        who = {"user_id": member_id} if member_id else {"user_email": email}
        body = {"bc_id": center_id, **who}
        return written(self._post("bc/member/delete/", body, token))

    # Roles on an account (facts 5.2) -------------------------------------------------

    def account_members(
        self, token: Secret, center_id: str, account_id: str
    ) -> Listing[AccountMember]:
        """Return who is assigned to an account (facts 5.2, doc 1739659558931458)."""
        asked = {"bc_id": center_id, "asset_id": account_id, **ADVERTISER}
        return self._pages(
            token,
            "bc/asset/member/get/",
            asked,
            readers.account_member,
            size=spec.MEMBER_PAGE,
        )

    def assign_member(
        self,
        token: Secret,
        center_id: str,
        account_id: str,
        member_id: str,
        role: Role,
    ) -> Written:
        """Give a person of the center a role on an account.

        Facts 5.2, doc 1739438211077121.
        """
        body = {
            "bc_id": center_id,
            "user_id": member_id,
            "asset_id": account_id,
            "advertiser_role": NATIVE_ROLES[role],
            **ADVERTISER,
        }
        return written(self._post("bc/asset/assign/", body, token))

    def unassign_member(
        self, token: Secret, center_id: str, account_id: str, member_id: str
    ) -> Written:
        """Take a person off an account (facts 5.2, doc 1739448126749698)."""
        body = {
            "bc_id": center_id,
            "user_id": member_id,
            "asset_id": account_id,
            **ADVERTISER,
        }
        return written(self._post("bc/asset/unassign/", body, token))


def finance(role: Role) -> dict[str, Any]:
    """Return a finance role as TikTok takes it; none at all for `unknown`."""
    native = {} if role is Role.UNKNOWN else {"finance_role": FINANCE_ROLES[role]}
    return {"ext_user_role": native}
