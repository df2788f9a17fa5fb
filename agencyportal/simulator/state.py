"""What the simulated TikTok knows: one World of plain rows that fits a JSON file."""

from __future__ import annotations

from dataclasses import dataclass, field

from agencyportal.simulator.creatorstate import (
    Ad,
    Binding,
    CenterLink,
    Creator,
    CreatorCode,
    CreatorLink,
    CreatorSeat,
    Hold,
    Pair,
    Post,
)
from agencyportal.simulator.switch import Value
from agencyportal.simulator.switches import defaults


@dataclass
class App:
    app_id: str
    secret: str
    name: str
    redirect_uris: list[str]
    scopes: list[int]
    creator_scopes: list[str]


@dataclass
class Person:
    """A login. `slug` is its short id on our pages, `user_id` the one on the wire.

    `companion_of` names the person whose scenario needs this one.
    """

    slug: str
    user_id: str
    name: str
    email: str
    create_time: int
    scenario: str = ""
    withheld_scopes: list[int] = field(default_factory=list)
    reauthorization: str = ""
    companion_of: str = ""


@dataclass
class Center:
    """A Business Center. `receives_by_hand`: shares to it wait for its Accept.
    `shares_wait`: shares it gives wait for the receiver's Accept.
    """

    bc_id: str
    name: str
    company: str
    currency: str = "EUR"
    registered_area: str = "SE"
    timezone: str = "Europe/Stockholm"
    type: str = "NORMAL"
    status: str = "ENABLE"
    verification_status: str = "VERIFIED"
    receives_by_hand: bool = False
    shares_wait: bool = False


@dataclass
class Member:
    """A seat in a center; `user_id` is empty until an invitation is accepted."""

    bc_id: str
    user_id: str
    name: str
    email: str
    user_role: str = "STANDARD"
    relation_status: str = "BOUND"
    finance_role: str = ""
    asset_ids: list[str] = field(default_factory=list)
    advertiser_role: str = ""


@dataclass
class Account:
    """An ad account, owned by a center or else by one person."""

    advertiser_id: str
    name: str
    company: str
    create_time: int
    owner_bc_id: str = ""
    owner_user_id: str = ""
    relation_status: str = "BOUND"
    status: str = "STATUS_ENABLE"
    currency: str = "EUR"
    timezone: str = "Europe/Berlin"
    country: str = "DE"
    balance: float = 0.0
    advertiser_account_type: str = "AUCTION"


@dataclass
class Relation:
    """An ad account a center asked for on the website (TikTok facts 5.4)."""

    bc_id: str
    asset_id: str
    relation_type: str
    relation_status: str
    advertiser_role: str = ""


@dataclass
class Share:
    """An ad account one center gives another: PENDING, ACCEPTED, DECLINED, ENDED.

    `visible_at` (epoch seconds) and `hidden_reads` delay what the receiver reads.
    """

    giver: str
    receiver: str
    asset_id: str
    advertiser_role: str
    status: str
    visible_at: float = 0.0
    hidden_reads: int = 0


@dataclass
class Partnership:
    """`bc_id` began it; `partner_id` lists it once `is_accepted`."""

    bc_id: str
    partner_id: str
    is_accepted: bool = True


@dataclass
class Assignment:
    """A member's role on an ad account, held through one center."""

    bc_id: str
    user_id: str
    asset_id: str
    advertiser_role: str


@dataclass
class Code:
    """An auth_code: single use, dead at `expires_at` (epoch seconds)."""

    value: str
    user_id: str
    scopes: list[int]
    advertiser_ids: list[str] | None
    expires_at: float
    is_used: bool = False


@dataclass
class Token:
    """A long-term token; it never expires. `advertiser_ids` None: every account."""

    value: str
    user_id: str
    scopes: list[int]
    advertiser_ids: list[str] | None
    created_at: float
    is_alive: bool = True


@dataclass
class Change:
    """One line of a center's activity log; `time` in epoch seconds."""

    bc_id: str
    time: float
    activity_type: str
    operator_id: str
    text: str


@dataclass
class World:
    name: str
    app: App
    people: list[Person] = field(default_factory=list)
    centers: list[Center] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    partnerships: list[Partnership] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    creators: dict[str, Creator] = field(default_factory=dict)
    creator_codes: dict[str, CreatorCode] = field(default_factory=dict)
    pairs: dict[str, Pair] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)
    creator_seats: list[CreatorSeat] = field(default_factory=list)
    creator_links: list[CreatorLink] = field(default_factory=list)
    center_links: dict[str, CenterLink] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    ads: list[Ad] = field(default_factory=list)
    switches: dict[str, Value] = field(default_factory=defaults)
    clock_offset: float = 0.0

    def person(self, ref: str) -> Person | None:
        """Find a person by slug or by user id."""
        return next((p for p in self.people if ref in (p.slug, p.user_id)), None)

    def creator(self, ref: str) -> Creator | None:
        """Find a creator by open_id, or by one of their other ids and names."""
        return self.creators.get(ref) or next(
            (
                c
                for c in self.creators.values()
                if ref in (c.slug, c.asset_id, c.identity_id, c.username)
            ),
            None,
        )

    def center(self, bc_id: str) -> Center | None:
        return next((c for c in self.centers if c.bc_id == bc_id), None)

    def account(self, advertiser_id: str) -> Account | None:
        return next(
            (a for a in self.accounts if a.advertiser_id == advertiser_id), None
        )

    def member(self, bc_id: str, user_id: str) -> Member | None:
        """Find somebody's seat, accepted or not."""
        return next(
            (m for m in self.members if m.bc_id == bc_id and m.user_id == user_id),
            None,
        )

    def is_admin(self, bc_id: str, user_id: str) -> bool:
        member = self.member(bc_id, user_id)
        return (
            member is not None
            and member.relation_status == "BOUND"
            and member.user_role == "ADMIN"
        )

    def share(self, giver: str, receiver: str, asset_id: str) -> Share | None:
        key = (giver, receiver, asset_id)
        return next(
            (s for s in self.shares if (s.giver, s.receiver, s.asset_id) == key), None
        )

    def partnership(self, bc_id: str, other: str) -> Partnership | None:
        """Find the partnership of two centers, whoever began it."""
        return next(
            (p for p in self.partnerships if {p.bc_id, p.partner_id} == {bc_id, other}),
            None,
        )

    def assignment(self, bc_id: str, user_id: str, asset_id: str) -> Assignment | None:
        key = (bc_id, user_id, asset_id)
        return next(
            (a for a in self.assignments if (a.bc_id, a.user_id, a.asset_id) == key),
            None,
        )

    def drop_assignments(self, bc_id: str, *, asset_id: str) -> None:
        """Take an ad account from every member of one center."""
        self.assignments = [
            a for a in self.assignments if (a.bc_id, a.asset_id) != (bc_id, asset_id)
        ]

    def note(self, bc_id: str, kind: str, text: str, *, by: str, now: float) -> None:
        """Add a line to a center's activity log (TikTok facts 5.7)."""
        self.changes.append(Change(bc_id, now, kind, by, text))
