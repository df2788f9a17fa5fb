"""What the connector returns: plain, frozen values.

`native_…`, `status`, `…_type` and such keep TikTok's own text, known or not; `role` is
its neutral reading. Ids are text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.outbound.secret import Secret
from accounts.platforms.roles import Role

# TikTok facts 4, `advertiser_role`.
NATIVE_ROLES = {
    Role.ANALYST: "ANALYST",
    Role.OPERATOR: "OPERATOR",
    Role.ADMIN: "ADMIN",
}
# The same, `user_role` and `ext_user_role.finance_role`.
SEAT_ROLES = {Role.STANDARD: "STANDARD", Role.ADMIN: "ADMIN"}
FINANCE_ROLES = {Role.ANALYST: "ANALYST", Role.MANAGER: "MANAGER"}


def role_of(native: str, roles: Mapping[Role, str] = NATIVE_ROLES) -> Role:
    """Return the neutral role; text we do not know is `unknown`."""
    known = {text: role for role, text in roles.items()}
    return known.get(native, Role.UNKNOWN)


@dataclass(frozen=True)
class Token:
    """A long-term key. It has no expiry and cannot be refreshed (facts 2.2)."""

    access_token: Secret
    scopes: tuple[str, ...]
    advertiser_ids: tuple[str, ...]
    trace_id: str


@dataclass(frozen=True)
class Person:
    """Who authorised; TikTok masks the e-mail."""

    external_id: str
    display_name: str
    email_masked: str


@dataclass(frozen=True)
class AccountName:
    external_id: str
    name: str


@dataclass(frozen=True)
class Center:
    """A Business Center the login belongs to, and as what."""

    external_id: str
    name: str
    company: str
    status: str
    center_type: str
    time_zone: str
    currency: str
    user_role: str
    is_admin: bool
    finance_role: str
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class CenterAccount:
    """An ad account as an admin of the center sees it.

    `relation_type` OWNER_BC: the center owns it, and only then can it be shared.
    """

    external_id: str
    name: str
    relation_type: str
    relation_status: str
    native_role: str
    role: Role
    status: str
    owner_center_name: str

    @property
    def is_owned(self) -> bool:
        return self.relation_type == "OWNER_BC" and self.relation_status == "BOUND"


@dataclass(frozen=True)
class MyAccount:
    """An ad account of the center that the login itself may use."""

    external_id: str
    name: str
    native_role: str
    role: Role
    owner_center_name: str


@dataclass(frozen=True)
class Partner:
    """A Business Center on the other end of a partnership."""

    external_id: str
    name: str


@dataclass(frozen=True)
class SharedAccount:
    """An ad account shared between two centers, with the role the receiver holds."""

    external_id: str
    name: str
    native_role: str
    role: Role


@dataclass(frozen=True)
class Member:
    """A person in a center; an invited one may have no id yet.

    `finance_role` is empty for whoever has none.
    """

    external_id: str
    name: str
    email: str
    user_role: str
    is_admin: bool
    relation_status: str
    finance_role: str

    @property
    def seat(self) -> Role:
        return role_of(self.user_role, SEAT_ROLES)

    @property
    def finance(self) -> Role:
        return role_of(self.finance_role, FINANCE_ROLES)


@dataclass(frozen=True)
class AccountMember:
    """A person assigned to one ad account."""

    external_id: str
    name: str
    email: str
    native_role: str
    role: Role


@dataclass(frozen=True)
class AccountDetails:
    """`owner_center_id` only comes to an admin of the owning center (facts 6)."""

    external_id: str
    name: str
    currency: str
    time_zone: str
    status: str
    country: str
    owner_center_id: str


@dataclass(frozen=True)
class Change:
    """One line of a center's activity log."""

    happened_at: dt.datetime
    activity_type: str
    operator_id: str
    text: str


@dataclass(frozen=True)
class Written:
    """TikTok took a write; only a read proves what it did. `is_partial`: 20001."""

    trace_id: str
    is_partial: bool
