"""What is read of creators' accounts: their lists in our centers, and a key's word."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.flows import connections
from accounts.flows.lists import OUR_SIDE, Reader, Reading
from accounts.models import Connection, PlatformRead
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform
from accounts.trail.canonical import canonical_json
from accounts.vault import Secret

KEYS_WORD = "see what the creator's key may do"
NOT_THEIRS = (
    "{platform} says that the key of {label} is somebody else's, so it counts for"
    " nothing. {label} opens a fresh link and consents."
)


@dataclass
class SparkReader(Reader):
    """Reads each list once, however many authorizations it tells of."""

    _lists: dict[Any, Reading] = field(default_factory=dict, repr=False)

    def creator_accounts(self, key: Connection, ours: str) -> Reading:
        """Return the creators' accounts that our center has."""
        return self._once(
            key,
            "creator_accounts",
            {"center": ours},
            lambda connector, token: connector.creator_accounts(token, ours),
        )

    def creator_accounts_of(self, key: Connection, ours: str, person: str) -> Reading:
        """Return the creators' accounts that one of our people has in it."""
        return self._once(
            key,
            "creator_accounts_of",
            {"center": ours, "member": person},
            lambda connector, token: connector.creator_accounts_of(token, ours, person),
        )

    def linked_ad_accounts(self, key: Connection, ours: str, account: str) -> Reading:
        """Return the ad accounts that may use a creator's account."""
        return self._once(
            key,
            "linked_ad_accounts",
            {"center": ours, "account": account},
            lambda connector, token: connector.linked_ad_accounts(token, ours, account),
        )

    def identities(self, key: Connection, ad_account: str, ours: str) -> Reading:
        """Return whom an ad account may show as the author of its ads."""
        return self._once(
            key,
            "identities",
            {"account": ad_account, "center": ours},
            lambda connector, token: connector.identities(token, ad_account, ours),
        )

    def scopes(self, key: Connection) -> tuple[PlatformRead, tuple[str, ...]]:
        """Return what a creator's key may do, by the platform's word.

        Raises OutboundError, also for a key that turns out to be somebody else's.
        """
        read = PlatformRead(connection=key, list_name="creator_key", is_whole=False)
        try:
            info = connections.call(
                key,
                lambda connector, token: _word_on(key, connector, token),
                purpose=KEYS_WORD,
                by=self.by,
                in_person=self.in_person,
            )
        except OutboundError as error:
            read.problem = str(error)[:300]
            read.save()
            raise
        read.rows_told = read.rows_stored = len(info.scopes)
        read.pages, read.is_whole = 1, True
        read.sha256 = sha256_of(info.scopes)
        read.save()
        return read, info.scopes

    def forget(self) -> None:
        """Read anew what was read before: something was written since."""
        self._lists.clear()

    def _once(
        self, key: Connection, list_name: str, parameters: dict[str, str], ask: Any
    ) -> Reading:
        what = (key.pk, list_name, *parameters.values())
        if what not in self._lists:
            self._lists[what] = self._read(
                key, list_name, parameters, ask, OUR_SIDE, ()
            )
        return self._lists[what]


def _word_on(key: Connection, connector: Any, token: Secret) -> Any:
    """Return what the platform says of this key. Raises OutboundError."""
    info = connector.creator_token_info(token)
    if (info.app_id, info.creator_id) == (key.app_id, key.external_user_id):
        return info
    label = platform(key.platform).label
    raise OutboundError(
        NOT_THEIRS.format(platform=label, label=key), permanent=True, kind="malformed"
    )


def native(row: Any) -> str:
    """Return a row's roles as the platform tells them, in one text for a column."""
    return ", ".join(row.native_roles)[:64]


def sha256_of(scopes: Iterable[str]) -> str:
    """Return the seal over a key's scopes as they came."""
    return hashlib.sha256(canonical_json(list(scopes)).encode()).hexdigest()
