"""How a call to TikTok is made: its address, its key, its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar
from urllib.parse import urljoin

from accounts.outbound import Call, Door
from accounts.outbound.secret import Secret
from accounts.platforms.listing import Listing
from accounts.platforms.tiktok import paging, spec
from accounts.platforms.tiktok.values import Written
from accounts.platforms.tiktok.wire import Reply, judge, query

ADVERTISER = {"asset_type": "ADVERTISER"}
CREATOR = {"asset_type": "TT_ACCOUNT"}

Row = TypeVar("Row")


@dataclass(frozen=True)
class Caller:
    """One developer app, and the door it calls through."""

    app_id: str
    app_secret: Secret
    api_url: str
    auth_url: str
    door: Door
    pages: paging.Pages | None = None
    creator_auth_url: str = ""

    def keeping(self, pages: paging.Pages | None) -> Self:
        """Return this connector with a place for the pages of the next list."""
        return replace(self, pages=pages)

    def _app(self) -> dict[str, Any]:
        return {"app_id": self.app_id, "secret": self.app_secret}

    def _get(
        self, token: Secret, path: str, asked: Mapping[str, Any] | None = None
    ) -> Reply:
        call = Call(
            "GET",
            self._address(path),
            params=query(asked or {}),
            headers={"Access-Token": token},
            is_read=True,
        )
        return self.door.call(call, judge)

    def _post(
        self,
        path: str,
        body: Mapping[str, Any],
        token: Secret | None = None,
        *,
        is_read: bool = False,
    ) -> Reply:
        call = Call(
            "POST",
            self._address(path),
            json=body,
            headers={} if token is None else {"Access-Token": token},
            is_read=is_read,
        )
        return self.door.call(call, judge)

    def _address(self, path: str) -> str:
        return urljoin(self.api_url.rstrip("/") + "/", path)

    def _pages(
        self,
        token: Secret,
        path: str,
        asked: Mapping[str, Any],
        make: paging.Make[Row],
        *,
        size: int = spec.PAGE,
        key: str = "list",
        may_repeat: bool = False,
    ) -> Listing[Row]:
        def turn(page: int) -> Reply:
            return self._get(token, path, {**asked, "page": page, "page_size": size})

        return paging.read_pages(
            turn, make, key=key, may_repeat=may_repeat, pages=self.pages
        )


def written(reply: Reply) -> Written:
    return Written(reply.trace_id, reply.is_partial)
