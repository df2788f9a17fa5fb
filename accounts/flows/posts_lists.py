"""What the platform is asked about posts, and the evidence of each answer.

An ad account's list tells what is bound to it, the creator's key of a code that no ad
account uses yet. Codes in a list are compared and dropped; no page of it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.flows import connections, posts_keys
from accounts.flows.posts_steps import digest_of
from accounts.models import Asset, Connection, PlatformRead, PostAuthorization
from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.trail import Actor

# The code or the post is refused, not who asks.
REFUSED = {"bad_request", "gone", "code_used"}

NO_KEY = (
    "No key of ours reaches {account}, so nobody can say whether the code is bound. An"
    " access owner connects our center again."
)
NO_CREATORS_KEY = (
    "The creator's key no longer works. {creator} signs in again with a link from the"
    " authorization's page."
)


class Rows:
    """One ad account's list, and the evidence of it."""

    def __init__(self, rows: Iterable[Any], read: PlatformRead) -> None:
        self.read = read
        self._by_code: dict[str, Any] = {}
        self._by_item: dict[str, tuple[str, Any]] = {}
        for row in rows:
            mark = digest_of(row.code) if row.code else ""
            self._by_item[row.item_id] = mark, row
            if mark:
                self._by_code[mark] = row

    def of(self, post: PostAuthorization) -> Any:
        """Return the row of a post's own code; None where it is not listed.

        By its item where the list shows no code. Another code of the same post proves
        nothing, but where ours was proved and nobody entered this one: more days may
        have made it anew.
        """
        if post.code_digest in self._by_code:
            return self._by_code[post.code_digest]
        mark, row = self._by_item.get(post.item_id, ("", None))
        if mark and (post.verified_at is None or _is_entered(mark)):
            return None
        return row


def rows_of(account: Asset, *, by: Actor, in_person: bool) -> Rows:
    """Return what an ad account lists, read with the first of our keys that can.

    Raises OutboundError, and keeps a failed reading as evidence, too.
    """
    trouble = OutboundError(
        NO_KEY.format(account=account), permanent=True, kind="no_key"
    )
    for key in posts_keys.of_ours(account):
        about = {"ad_account": account.external_id}
        try:
            listing = connections.call(
                key,
                lambda connector, token: connector.posts(token, account.external_id),
                purpose="read which posts may run as ads",
                by=by,
                in_person=in_person,
            )
        except OutboundError as error:
            _failed(key, "posts", about, error)
            trouble = error
            continue
        return Rows(
            listing,
            PlatformRead.objects.create(
                connection=key,
                list_name="posts",
                parameters=about,
                rows_told=listing.told,
                rows_stored=len(listing),
                pages=listing.pages,
                trace_ids=list(listing.trace_ids),
                sha256=listing.sha256,
            ),
        )
    raise trouble


def post_of_code(
    post: PostAuthorization, account: Asset, code: Secret, *, by: Actor
) -> Any:
    """Return the post a code is for, while it is in effect; None where it is refused.

    Raises OutboundError for what is not the code's fault.
    """
    for key in posts_keys.of_ours(account)[:1]:
        try:
            return connections.call(
                key,
                lambda connector, token: connector.post_of_code(
                    token, account.external_id, code
                ),
                purpose="see which post a code is for",
                by=by,
                in_person=False,
            )
        except OutboundError as error:
            if error.kind not in REFUSED:
                raise
    return None


def code_of(
    post: PostAuthorization, *, by: Actor, in_person: bool
) -> tuple[Any, PlatformRead]:
    """Return what the creator's key tells of the code. Raises OutboundError."""
    key = posts_keys.of_creator(post.authorization)
    if key is None:
        sentence = NO_CREATORS_KEY.format(creator=post.authorization.creator)
        raise OutboundError(sentence, permanent=True, kind="no_key")
    about = {"post": post.item_id}
    try:
        code = connections.call(
            key,
            lambda connector, token: connector.post_status(
                token, key.external_user_id, post.item_id
            ),
            purpose="read a post's code",
            by=by,
            in_person=in_person,
        )
    except OutboundError as error:
        _failed(key, "post_code", about, error)
        raise
    evidence = PlatformRead.objects.create(
        connection=key,
        list_name="post_code",
        parameters=about,
        rows_told=1,
        rows_stored=1,
        pages=1,
    )
    return code, evidence


def _is_entered(mark: str) -> bool:
    return PostAuthorization.objects.filter(code_digest=mark).exists()


def _failed(
    key: Connection, name: str, about: dict[str, str], error: OutboundError
) -> None:
    PlatformRead.objects.create(
        connection=key,
        list_name=name,
        parameters=about,
        is_whole=False,
        problem=str(error)[:300],
    )
