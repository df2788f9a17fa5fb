"""Creators' accounts in a center, and posts an ad account runs as ads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.outbound.secret import Secret
from accounts.platforms.listing import Listing
from accounts.platforms.roles import Role
from accounts.platforms.tiktok import spark_readers as readers
from accounts.platforms.tiktok import spec
from accounts.platforms.tiktok.caller import CREATOR, Caller, written
from accounts.platforms.tiktok.readers import account_name
from accounts.platforms.tiktok.spark_values import CreatorAccount, Identity, Post
from accounts.platforms.tiktok.spark_words import NATIVE_CREATOR_ROLES
from accounts.platforms.tiktok.values import AccountName, Written


@dataclass(frozen=True)
class Spark(Caller):
    """The calls with our own key (facts 5.2, 7.1, 7.3).

    A creator's account in a center is an asset of type TT_ACCOUNT.
    """

    # The creator's account in a center (facts 5.2, 7.4) ------------------------------

    def center_qr(self, token: Secret, center_id: str) -> str:
        """Return the link that asks a creator to add their account (facts 5.2)."""
        asked = {"bc_id": center_id}
        data = self._get(token, "bc/asset/account/authorization/", asked).data
        link = data.text("bc_auth_qr_code", spec.LONGEST_QR + 1)
        if len(link) > spec.LONGEST_QR or not link.startswith(("https://", "http://")):
            raise data.wrong("bc_auth_qr_code")
        return link

    def creator_accounts(
        self, token: Secret, center_id: str
    ) -> Listing[CreatorAccount]:
        """Return the creators' accounts the login has in a center.

        Facts 5.2, doc 1739432717798401.
        """
        asked = {"bc_id": center_id, **CREATOR}
        return self._pages(token, "bc/asset/get/", asked, readers.creator_account)

    def creator_accounts_of(
        self, token: Secret, center_id: str, member_id: str
    ) -> Listing[CreatorAccount]:
        """Return what a person of the center has, for an admin.

        The list of an account's people knows no creators' accounts (facts 5.2,
        bc/asset/member/get).
        """
        asked = {"bc_id": center_id, "filtering": {"user_id": member_id}, **CREATOR}
        return self._pages(token, "bc/asset/get/", asked, readers.creator_account)

    def assign_creator_member(
        self,
        token: Secret,
        center_id: str,
        account_id: str,
        member_id: str,
        role: Role,
    ) -> Written:
        """Give a person of the center roles on a creator's account.

        Facts 5.2, doc 1739438211077121.
        """
        body = {
            **_asset(center_id, account_id),
            "user_id": member_id,
            "tt_account_roles": list(NATIVE_CREATOR_ROLES[role]),
        }
        return written(self._post("bc/asset/assign/", body, token))

    def unassign_creator_member(
        self, token: Secret, center_id: str, account_id: str, member_id: str
    ) -> Written:
        """Take a person off a creator's account (facts 5.2, doc 1739448126749698)."""
        body = {**_asset(center_id, account_id), "user_id": member_id}
        return written(self._post("bc/asset/unassign/", body, token))

    def remove_creator_account(
        self, token: Secret, center_id: str, account_id: str
    ) -> Written:
        """Take a creator's account out of the center. Ads that use it pause.

        Facts 5.2, doc 1739657251102722; never for an ad account.
        """
        body = {"bc_id": center_id, "asset_ids": [account_id], **CREATOR}
        return written(self._post("bc/asset/admin/delete/", body, token))

    def link_ad_account(
        self, token: Secret, center_id: str, account_id: str, advertiser_id: str
    ) -> Written:
        """Let an ad account of the center use a creator's account (facts 5.2)."""
        body = {**_asset(center_id, account_id), "advertiser_id": advertiser_id}
        return written(self._post("bc/asset/advertiser/assign/", body, token))

    def unlink_ad_account(
        self, token: Secret, center_id: str, account_id: str, advertiser_id: str
    ) -> Written:
        """End that; ads of it that use the creator's posts stop (facts 5.2)."""
        body = {**_asset(center_id, account_id), "advertiser_id": advertiser_id}
        return written(self._post("bc/asset/advertiser/unassign/", body, token))

    def linked_ad_accounts(
        self, token: Secret, center_id: str, account_id: str
    ) -> Listing[AccountName]:
        """Return the ad accounts that may use a creator's account (facts 5.2)."""
        asked = _asset(center_id, account_id)
        return self._pages(token, "bc/asset/advertiser/assigned/", asked, account_name)

    def identities(
        self, token: Secret, advertiser_id: str, center_id: str
    ) -> Listing[Identity]:
        """Return the creators an ad account may show, by way of a center.

        Facts 7.3, doc 1740218420781057.
        """
        asked = {
            "advertiser_id": advertiser_id,
            "identity_type": "BC_AUTH_TT",
            "identity_authorized_bc_id": center_id,
        }
        return self._pages(
            token,
            "identity/get/",
            asked,
            readers.identity,
            size=spec.IDENTITY_PAGE,
            key="identity_list",
        )

    # Posts an ad account has a code for (facts 7.1) ----------------------------------

    def authorize_post(
        self, token: Secret, advertiser_id: str, code: Secret
    ) -> Written:
        """Bind a creator's code to an ad account; before that it gives nothing."""
        body = {"advertiser_id": advertiser_id, "auth_code": code}
        return written(self._post("tt_video/authorize/", body, token))

    def post_of_code(self, token: Secret, advertiser_id: str, code: Secret) -> Post:
        """Return the post a code is for, and until when."""
        asked = {"advertiser_id": advertiser_id, "auth_code": code}
        return readers.post(self._get(token, "tt_video/info/", asked).data)

    def posts(self, token: Secret, advertiser_id: str) -> Listing[Post]:
        """Return every post whose code is bound to an ad account."""
        asked = {"advertiser_id": advertiser_id}
        return self._pages(token, "tt_video/list/", asked, readers.post)

    def unbind_post(self, token: Secret, advertiser_id: str, item_id: str) -> Written:
        """Take a post off an ad account. Ads that use it stop."""
        body = {"advertiser_id": advertiser_id, "item_id": item_id}
        return written(self._post("tt_video/unbind/", body, token))


def _asset(center_id: str, account_id: str) -> dict[str, Any]:
    return {"bc_id": center_id, "asset_id": account_id, **CREATOR}
