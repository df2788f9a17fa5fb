"""The TikTok connector: one method per call, each naming its place in the facts.

Doc ids open as business-api.tiktok.com/portal/docs?id=<id>.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.platforms.listing import Listing
from accounts.platforms.roles import Role
from accounts.platforms.tiktok import paging, readers, spec
from accounts.platforms.tiktok.caller import ADVERTISER, written
from accounts.platforms.tiktok.creators import Creators
from accounts.platforms.tiktok.people import People
from accounts.platforms.tiktok.spark import Spark
from accounts.platforms.tiktok.values import (
    NATIVE_ROLES,
    AccountDetails,
    AccountName,
    Center,
    CenterAccount,
    Change,
    MyAccount,
    Partner,
    Person,
    SharedAccount,
    Token,
    Written,
)
from accounts.platforms.tiktok.wire import Reply

DETAIL_FIELDS = (
    "advertiser_id",
    "name",
    "currency",
    "timezone",
    "display_timezone",
    "status",
    "country",
    "owner_bc_id",
)

ShareType = Literal["SHARED", "SHARING"]


@dataclass(frozen=True)
class TikTok(People, Creators, Spark):
    """Speak to TikTok as one developer app.

    Every method but the two that give an address raises OutboundError. Lists come
    whole or not at all. A write that returns was taken by TikTok, which proves nothing
    yet: read back.
    """

    # Consent and keys (facts 2) ------------------------------------------------------

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """Return the address of the consent page (facts 2.1)."""
        asked = {
            "app_id": self.app_id,
            "state": state,
            "redirect_uri": redirect_uri,
        }
        return f"{self.auth_url}?{urlencode(asked)}"

    def exchange_code(self, code: Secret) -> Token:
        """Trade a consent's code for a key, once (facts 2.2, doc 1739965703387137)."""
        reply = self._post(
            "oauth2/access_token/",
            {**self._app(), "auth_code": code, "return_advertiser_ids": True},
        )
        return Token(
            access_token=Secret(reply.data.required("access_token")),
            scopes=reply.data.ids("scope"),
            advertiser_ids=reply.data.ids("advertiser_ids"),
            trace_id=reply.trace_id,
        )

    def revoke(self, token: Secret) -> Written:
        """End a key for good (facts 2.2, doc 1739965949088770)."""
        body = {**self._app(), "access_token": token}
        return written(self._post("oauth2/revoke_token/", body))

    def who(self, token: Secret) -> Person:
        """Return whose key it is (facts 2.2, user/info)."""
        data = self._get(token, "user/info/").data
        return Person(
            external_id=data.id("core_user_id"),
            display_name=data.text("display_name"),
            email_masked=data.text("email"),
        )

    def reachable_accounts(self, token: Secret) -> Listing[AccountName]:
        """Return every ad account the key reaches (facts 2.2, doc 1738455508553729)."""
        reply = self._get(token, "oauth2/advertiser/get/", self._app())
        rows = reply.data.rows("list")
        if len({row.id("advertiser_id") for row in rows}) != len(rows):
            raise reply.data.answer.malformed("an ad account came twice")
        return paging.listing(
            rows, readers.account_name, pages=1, trace_ids=[reply.trace_id]
        )

    # Centers and their accounts (facts 5.1, 5.2) -------------------------------------

    def centers(self, token: Secret) -> Listing[Center]:
        """Return the login's Business Centers (facts 5.1, doc 1737115687501826)."""
        return self._pages(token, "bc/get/", {}, readers.center)

    def center_accounts(self, token: Secret, center_id: str) -> Listing[CenterAccount]:
        """Return the center's ad accounts, in every relation, for an admin.

        Facts 5.2, doc 1739433007779841.
        """
        asked = {"bc_id": center_id, **ADVERTISER}
        return self._pages(token, "bc/asset/admin/get/", asked, readers.center_account)

    def my_accounts(self, token: Secret, center_id: str) -> Listing[MyAccount]:
        """Return the ad accounts the login itself may use; no admin needed.

        Facts 5.2, doc 1739432717798401.
        """
        asked = {"bc_id": center_id, **ADVERTISER}
        return self._pages(token, "bc/asset/get/", asked, readers.my_account)

    def account_partners(
        self, token: Secret, center_id: str, account_id: str
    ) -> Listing[Partner]:
        """Return the centers an account is or was shared to, without roles.

        Facts 5.2, doc 1739663268166722.
        """
        asked = {"bc_id": center_id, "asset_id": account_id, **ADVERTISER}
        return self._pages(token, "bc/asset/partner/get/", asked, readers.partner)

    def account_details(
        self, token: Secret, account_ids: Sequence[str]
    ) -> Listing[AccountDetails]:
        """Return names, currency, time zone, status (facts 6, doc 1739593083610113).

        The most ids per call is not documented: a batch that is refused as too large
        is halved. An account TikTok leaves out makes the whole read fail.
        """
        wanted = list(dict.fromkeys(account_ids))
        size = spec.DETAILS_BATCH
        replies = [
            reply
            for start in range(0, len(wanted), size)
            for reply in self._details(token, wanted[start : start + size])
        ]
        return paging.listing(
            [row for reply in replies for row in reply.data.rows("list")],
            readers.account_details,
            pages=len(replies),
            trace_ids=[reply.trace_id for reply in replies],
        )

    # Partners: how one center gives another access (facts 5.3) -----------------------

    def partners(self, token: Secret, center_id: str) -> Listing[Partner]:
        """Return the center's partners (facts 5.3, doc 1739662727395330)."""
        asked = {"bc_id": center_id}
        return self._pages(token, "bc/partner/get/", asked, readers.partner)

    def partner_accounts(
        self, token: Secret, center_id: str, partner_id: str, share_type: ShareType
    ) -> Listing[SharedAccount]:
        """Return what the partner shares to the center (SHARED) or gets (SHARING).

        The only read that tells the role held through a partner: facts 5.3, doc
        1739662828320769.
        """
        asked = {
            "bc_id": center_id,
            "partner_id": partner_id,
            "share_type": share_type,
            **ADVERTISER,
        }
        return self._pages(
            token, "bc/partner/asset/get/", asked, readers.shared_account
        )

    def share_accounts(
        self,
        token: Secret,
        center_id: str,
        partner_id: str,
        account_ids: Sequence[str],
        role: Role,
    ) -> Written:
        """Share up to 50 accounts the center owns, at `role`.

        The receiver may have to accept first: only its own read proves the access.
        Facts 5.3, doc 1739662756510721.
        """
        body = {
            "bc_id": center_id,
            "partner_id": partner_id,
            "asset_ids": _batch(account_ids),
            "advertiser_role": NATIVE_ROLES[role],
            **ADVERTISER,
        }
        return written(self._post("bc/partner/add/", body, token))

    def unshare_accounts(
        self,
        token: Secret,
        center_id: str,
        partner_id: str,
        account_ids: Sequence[str],
    ) -> Written:
        """Stop sharing up to 50 accounts (facts 5.3, doc 1739662800930817)."""
        body = {
            "bc_id": center_id,
            "partner_id": partner_id,
            "asset_ids": _batch(account_ids),
            **ADVERTISER,
        }
        return written(self._post("bc/partner/asset/delete/", body, token))

    def end_partner(self, token: Secret, center_id: str, partner_id: str) -> Written:
        """End the partnership of two centers (facts 5.3, doc 1739662779301890).

        What becomes of other shares between them is unconfirmed: only for a partner
        that nothing else is shared with.
        """
        body = {"bc_id": center_id, "partner_id": partner_id}
        return written(self._post("bc/partner/delete/", body, token))

    # What happened there (facts 5.7) -------------------------------------------------

    def changelog(
        self,
        token: Secret,
        center_id: str,
        start: dt.date,
        end: dt.date,
        activity_type: str = "ALL",
    ) -> Listing[Change]:
        """Return the center's activity between two UTC dates, oldest first.

        Facts 5.7. Oldest first, so that what happens meanwhile is added at the end.
        """
        asked = {
            "bc_id": center_id,
            "filtering": {
                "start_date": start.isoformat(),
                "end_date": end.isoformat(),
                "activity_type": activity_type,
            },
            "sort_field": "operation_time",
            "sort_type": "ASC",
        }
        return self._pages(
            token,
            "changelog/get/",
            asked,
            readers.change,
            key="changelog_list",
            may_repeat=True,
        )

    def _details(self, token: Secret, ids: list[str]) -> Iterator[Reply]:
        asked = {"advertiser_ids": ids, "fields": DETAIL_FIELDS}
        try:
            reply = self._get(token, "advertiser/info/", asked)
        except OutboundError as error:
            if error.kind != "too_many" or len(ids) == 1:
                raise
            half = len(ids) // 2
            yield from self._details(token, ids[:half])
            yield from self._details(token, ids[half:])
            return
        came = [row.id("advertiser_id") for row in reply.data.rows("list")]
        if sorted(came) != sorted(ids):
            raise reply.data.wrong("an ad account that was asked for")
        yield reply


def _batch(account_ids: Sequence[str]) -> list[str]:
    if not 0 < len(account_ids) <= spec.SHARE_BATCH:
        raise ValueError(f"One call takes 1 to {spec.SHARE_BATCH} ad accounts.")
    return list(account_ids)
