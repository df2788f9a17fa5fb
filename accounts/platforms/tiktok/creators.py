"""What a creator's own key does: consent, renewal, and codes for their posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.platforms.tiktok import spark_readers as readers
from accounts.platforms.tiktok.caller import Caller, written
from accounts.platforms.tiktok.codes import DEAD_REFRESH
from accounts.platforms.tiktok.spark_values import (
    CreatorProfile,
    CreatorToken,
    PostCode,
    TokenInfo,
)
from accounts.platforms.tiktok.values import Written

# What ends a renewal for good, whatever the code is for elsewhere: which of them the
# endpoint uses is unconfirmed (facts 3.2, 8.1).
ENDS_RENEWAL = {"dead_token", "dead_refresh", "code_used"}
TIKTOK_USER_CODES = {"40130", "40131"}


@dataclass(frozen=True)
class Creators(Caller):
    """The calls of a TikTok account's holder (facts 3, 7.2).

    `open_id` is the creator's id within our app, TikTok's `business_id`.
    """

    # Consent and keys (facts 3.1, 3.2) -----------------------------------------------

    def creator_authorize_url(
        self, state: str, redirect_uri: str, scopes: Sequence[str]
    ) -> str:
        """Return the address of the creators' consent page (facts 3.1).

        Without `disable_auto_auth` who granted the same before comes back without a
        code.
        """
        asked = {
            "client_key": self.app_id,
            "scope": ",".join(scopes),
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "state": state,
            "disable_auto_auth": "1",
        }
        return f"{self.creator_auth_url}?{urlencode(asked)}"

    def exchange_creator_code(self, code: Secret, redirect_uri: str) -> CreatorToken:
        """Trade a consent's code for a pair, once (facts 3.2, doc 1738084387220481)."""
        body = {
            **self._client(),
            "grant_type": "authorization_code",
            "auth_code": code,
            "redirect_uri": redirect_uri,
        }
        reply = self._post("tt_user/oauth2/token/", body)
        token = readers.creator_token(reply)
        if not token.open_id:
            raise reply.data.wrong("open_id")
        return token

    def refresh(self, refresh_token: Secret) -> CreatorToken:
        """Trade a refresh token for a new pair (facts 3.2).

        It goes out once. With `outcome_unknown` the pair may be made and lost; kind
        `dead_refresh`: this token renews nothing any more.
        """
        body = {
            **self._client(),
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        try:
            reply = self._post("tt_user/oauth2/refresh_token/", body)
        except OutboundError as error:
            if error.kind in ENDS_RENEWAL or error.code in TIKTOK_USER_CODES:
                raise _dead(error) from error
            raise
        return readers.creator_token(reply)

    def revoke_creator(self, token: Secret) -> Written:
        """End a creator's consent to our app (facts 3.2)."""
        body = {**self._client(), "access_token": token}
        return written(self._post("tt_user/oauth2/revoke/", body))

    def creator_token_info(self, token: Secret) -> TokenInfo:
        """Return what the key may do now (facts 3.2, doc 1765927978092545)."""
        body = {"app_id": self.app_id, "access_token": token}
        data = self._post("tt_user/token_info/get/", body, is_read=True).data
        return TokenInfo(
            app_id=data.id("app_id"),
            scopes=data.names("scope"),
            creator_id=data.mark("creator_id"),
        )

    def creator_profile(self, token: Secret, open_id: str) -> CreatorProfile:
        """Return a creator's names (facts 3.3); needs the profile's scopes."""
        asked = {"business_id": open_id, "fields": ["display_name", "username"]}
        data = self._get(token, "business/get/", asked).data
        return CreatorProfile(data.text("display_name"), data.text("username"))

    # Codes of posts (facts 7.2) ------------------------------------------------------

    def allow_post(
        self, token: Secret, open_id: str, item_id: str, days: int
    ) -> PostCode:
        """Let a post run as an ad, and make its code (facts 7.2)."""
        body = {
            **_post(open_id, item_id),
            "is_ad_promotable": True,
            "authorization_days": days,
        }
        reply = self._post("business/post/authorize/setting/", body, token)
        return readers.post_code(reply.data)

    def extend_post(
        self, token: Secret, open_id: str, item_id: str, days: int
    ) -> PostCode:
        """Give a post's code more days (facts 7.2)."""
        body = {**_post(open_id, item_id), "authorization_days": days}
        return readers.post_code(
            self._post("business/post/authorize/", body, token).data
        )

    def post_status(self, token: Secret, open_id: str, item_id: str) -> PostCode:
        """Return a post's code, its days and whether it is in use (facts 7.2)."""
        asked = _post(open_id, item_id)
        return readers.post_code(
            self._get(token, "business/post/authorize/status/", asked).data
        )

    def forbid_post(self, token: Secret, open_id: str, item_id: str) -> PostCode:
        """Delete a post's code (facts 7.2). Ads that use it stop."""
        body = _post(open_id, item_id)
        reply = self._post("business/post/authorize/delete/", body, token)
        return readers.post_code(reply.data)

    def _client(self) -> dict[str, Any]:
        return {"client_id": self.app_id, "client_secret": self.app_secret}


def _post(open_id: str, item_id: str) -> dict[str, Any]:
    return {"business_id": open_id, "item_id": item_id}


def _dead(error: OutboundError) -> OutboundError:
    return OutboundError(
        f"{DEAD_REFRESH.sentence} (TikTok {error.code})",
        permanent=True,
        kind=DEAD_REFRESH.kind,
        code=error.code,
        trace_id=error.trace_id,
    )
