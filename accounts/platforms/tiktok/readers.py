"""One object of an answer in, one value out."""

from __future__ import annotations

from accounts.platforms.tiktok.fields import LONGEST_SENTENCE, Fields
from accounts.platforms.tiktok.values import (
    AccountDetails,
    AccountMember,
    AccountName,
    Center,
    CenterAccount,
    Change,
    Member,
    MyAccount,
    Partner,
    SharedAccount,
    role_of,
)

LONGEST_CURRENCY = 8


def account_name(row: Fields) -> AccountName:
    return AccountName(row.id("advertiser_id"), row.text("advertiser_name"))


def center(row: Fields) -> Center:
    info = row.inner("bc_info")
    user_role = row.word("user_role")
    return Center(
        external_id=info.id("bc_id"),
        name=info.text("name"),
        company=info.text("company"),
        status=info.word("status"),
        center_type=info.word("type"),
        time_zone=info.word("timezone"),
        currency=info.text("currency", LONGEST_CURRENCY),
        user_role=user_role,
        is_admin=user_role == "ADMIN",
        finance_role=row.optional_inner("ext_user_role").word("finance_role"),
        raw=row.values,
    )


def center_account(row: Fields) -> CenterAccount:
    native = row.word("advertiser_role")
    return CenterAccount(
        external_id=row.id("asset_id"),
        name=row.text("asset_name"),
        relation_type=row.required("relation_type"),
        relation_status=row.required("relation_status"),
        native_role=native,
        role=role_of(native),
        status=row.word("advertiser_status"),
        owner_center_name=row.text("owner_bc_name"),
    )


def my_account(row: Fields) -> MyAccount:
    native = row.word("advertiser_role")
    return MyAccount(
        external_id=row.id("asset_id"),
        name=row.text("asset_name"),
        native_role=native,
        role=role_of(native),
        owner_center_name=row.text("owner_bc_name"),
    )


def partner(row: Fields) -> Partner:
    return Partner(row.id("bc_id"), row.text("bc_name"))


def shared_account(row: Fields) -> SharedAccount:
    native = row.word("advertiser_role")
    return SharedAccount(
        row.id("asset_id"), row.text("asset_name"), native, role_of(native)
    )


def member(row: Fields) -> Member:
    user_role = row.word("user_role")
    return Member(
        external_id=row.optional_id("user_id"),
        name=row.text("user_name"),
        email=row.text("user_email"),
        user_role=user_role,
        is_admin=user_role == "ADMIN",
        relation_status=row.word("relation_status"),
        finance_role=row.optional_inner("ext_user_role").word("finance_role"),
    )


def account_member(row: Fields) -> AccountMember:
    native = row.word("advertiser_role")
    return AccountMember(
        external_id=row.id("user_id"),
        name=row.text("user_name"),
        email=row.text("user_email"),
        native_role=native,
        role=role_of(native),
    )


def account_details(row: Fields) -> AccountDetails:
    return AccountDetails(
        external_id=row.id("advertiser_id"),
        name=row.text("name"),
        currency=row.text("currency", LONGEST_CURRENCY),
        time_zone=row.word("display_timezone") or row.word("timezone"),
        status=row.word("status"),
        country=row.word("country"),
        owner_center_id=row.optional_id("owner_bc_id"),
    )


def change(row: Fields) -> Change:
    happened_at = row.time("time")
    if happened_at is None:
        raise row.wrong("time")
    return Change(
        happened_at=happened_at,
        activity_type=row.word("activity_type"),
        operator_id=row.optional_id("operator_id"),
        text=row.text("activity_log", LONGEST_SENTENCE),
    )
