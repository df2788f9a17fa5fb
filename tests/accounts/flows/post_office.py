"""A platform that knows codes of posts and nothing else, for the post flows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.platforms.listing import Listing
from accounts.platforms.tiktok.spark_values import Post, PostCode
from accounts.platforms.tiktok.values import Written

ITEM = "7440182236614409505"
CODE = "#pvnLmqo8aWrt4Y2c7NdkQ3xUzR5+hK0="
DONE = Written("trace", False)


def refusal(kind: str = "bad_request", *, permanent: bool = True) -> OutboundError:
    return OutboundError(f"It said {kind}.", permanent=permanent, kind=kind)


LOST_ANSWER = OutboundError(
    "No answer came.", permanent=False, kind="no_answer", outcome_unknown=True
)


@dataclass
class PostOffice:
    """`codes`: what each code is for. `bound`: the codes an ad account lists.

    `statuses`: what a creator's key is told of a post. `troubles` are raised by the
    call of that name: one instead of doing it, or `after` it is done.
    """

    codes: dict[str, Post] = field(default_factory=dict)
    bound: dict[str, list[str]] = field(default_factory=dict)
    statuses: dict[str, PostCode] = field(default_factory=dict)
    troubles: dict[str, OutboundError] = field(default_factory=dict)
    after: dict[str, OutboundError] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    shows_codes: bool = True

    def knows(self, code: str = CODE, item_id: str = ITEM, days: int = 60) -> Post:
        """Let a code be good for so many days from now."""
        now = timezone.now()
        post = Post(
            item_id=item_id,
            title="Fjell jacket in sideways rain",
            status="AUTHORIZED",
            starts_at=now,
            ends_at=now + dt.timedelta(days=days),
            code=Secret(code),
        )
        self.codes[code] = post
        return post

    def now_says(self, status: str, code: str = CODE) -> None:
        """Let lists tell another word of a code."""
        self.codes[code] = replace(self.codes[code], status=status)

    def _come(self, name: str) -> None:
        self.calls[name] += 1
        if name in self.troubles:
            raise self.troubles[name]

    def _leave(self, name: str) -> None:
        if name in self.after:
            raise self.after[name]

    # What our own key asks.

    def authorize_post(self, token: Secret, account: str, code: Secret) -> Written:
        self._come("authorize_post")
        if code.reveal() not in self.codes:
            raise refusal()
        bound = self.bound.setdefault(account, [])
        if code.reveal() in bound:
            raise refusal("duplicate")
        bound.append(code.reveal())
        self._leave("authorize_post")
        return DONE

    def post_of_code(self, token: Secret, account: str, code: Secret) -> Post:
        self._come("post_of_code")
        if code.reveal() not in self.codes:
            raise refusal()
        return self.codes[code.reveal()]

    def posts(self, token: Secret, account: str) -> Listing[Post]:
        self._come("posts")
        rows = [self.codes[code] for code in self.bound.get(account, [])]
        if not self.shows_codes:
            rows = [replace(row, code=None) for row in rows]
        return Listing(tuple(rows), len(rows), 1, ("trace",), "0" * 64)

    def unbind_post(self, token: Secret, account: str, item_id: str) -> Written:
        self._come("unbind_post")
        kept = [c for c in self.bound[account] if self.codes[c].item_id != item_id]
        self.bound[account] = kept
        self._leave("unbind_post")
        return DONE

    # What a creator's key asks.

    def post_status(self, token: Secret, open_id: str, item_id: str) -> PostCode:
        self._come("post_status")
        if item_id not in self.statuses:
            raise refusal()
        return self.statuses[item_id]

    def allow_post(
        self, token: Secret, open_id: str, item_id: str, days: int
    ) -> PostCode:
        self._come("allow_post")
        post = self.knows(item_id=item_id, days=days)
        self.says("NOT_USED", post, days)
        self._leave("allow_post")
        return self.statuses[item_id]

    def extend_post(
        self, token: Secret, open_id: str, item_id: str, days: int
    ) -> PostCode:
        self._come("extend_post")
        post = self.knows(item_id=item_id, days=days)
        self.says(self.statuses[item_id].status, post, days)
        self._leave("extend_post")
        return self.statuses[item_id]

    def forbid_post(self, token: Secret, open_id: str, item_id: str) -> PostCode:
        self._come("forbid_post")
        self.says("DELETED", self.codes[CODE], 0)
        return self.statuses[item_id]

    def says(self, status: str, post: Post, days: int = 60) -> None:
        """Let the creator's key be told this of a post's code."""
        self.statuses[post.item_id] = PostCode(
            item_id=post.item_id,
            code=post.code,
            starts_at=post.starts_at,
            ends_at=post.ends_at,
            days=days,
            status=status,
        )

    def keeping(self, pages: Any) -> PostOffice:
        return self
