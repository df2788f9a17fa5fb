"""A small agency with two clients, each marked by a word nobody else may read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import approvals, changing, consent
from accounts.flows.wishes import Wish
from accounts.models import (
    AdAccount,
    Asset,
    BusinessCenter,
    CenterSync,
    Client,
    Connection,
    Consent,
    Contact,
    CreatorAccount,
    Event,
    FactorReset,
    GrantChange,
    Grantee,
    Member,
    PlatformLimit,
    PostAuthorization,
    Reach,
    RoleGrant,
    SparkAuthorization,
    Team,
    User,
)
from accounts.platforms.roles import Role
from accounts.public import browser as browsers
from accounts.roles import ACCESS_OWNERS, ACCOUNT_MANAGERS, AUDITORS, MEDIA_BUYERS
from accounts.trail import Actor, record
from onboarding.flows import booking, requests
from onboarding.models import (
    AccessLink,
    AccessRequest,
    LinkSession,
    SparkLink,
    SparkVisit,
)
from tests.base import HttpsClient
from tests.factory import Factory

VISITOR = "visitor of A"
EXPIRED = "expired manager of A"


# Who serves whom besides the two leads, as what, until when.
SERVING = (
    ("buyer of A", "A", "buyer", None),
    ("deputy of A", "A", "deputy", None),
    ("deputy of B", "B", "deputy", None),
    ("once manager of A", "A", "lead", dt.date(2026, 1, 31)),
    (EXPIRED, "A", "buyer", None),
)


@dataclass
class Side:
    """One client and all that is theirs; `word` stands in every name of it."""

    word: str
    client: Client
    contact: Contact
    account: AdAccount
    center: BusinessCenter
    grant: RoleGrant
    asked: AccessRequest
    for_admin: AccessRequest
    change: GrantChange
    link: AccessLink
    token: str
    connection: Connection
    given: Consent
    held: Consent
    visit: LinkSession
    event: Event
    spark: SparkAuthorization
    spark_link: SparkLink
    spark_visit: SparkVisit
    post: PostAuthorization

    @property
    def marks(self) -> list[str]:
        """What no page may show to somebody who does not serve this client."""
        rows: list[Any] = [
            *(self.client, self.contact, self.account, self.center, self.grant),
            *(self.asked, self.for_admin, self.link, self.connection),
            *(self.spark, self.spark.creator, self.spark_link, self.post),
        ]
        rows.append(self.change.approval)
        ids = [self.account.external_id, self.center.external_id]
        return [self.word.lower(), *ids, *(str(row.pk) for row in rows)]


@dataclass
class World:
    a: Side
    b: Side
    ours: BusinessCenter
    seat: RoleGrant
    stranger: BusinessCenter
    limit: PlatformLimit
    team: Team
    people: dict[str, User]
    reset: FactorReset

    @property
    def roles(self) -> list[str]:
        return ["anonymous", VISITOR, *self.people]

    def browser(self, role: str) -> HttpsClient:
        """Return a browser in which `role` has signed in, or has pressed Start."""
        browser = HttpsClient(raise_request_exception=False)
        if role == VISITOR:
            browser.cookies[browsers.COOKIE] = f"browser of {self.a.word}"
        elif role in self.people:
            browser.sign_in(self.people[role])
        if role == EXPIRED:
            browser.get("/")  # whatever is opened first ends the session
        return browser

    def sees(self, role: str, side: Side) -> bool:
        """True for those to whom the client of `side` is not a stranger."""
        if role in {"anonymous", VISITOR}:
            return role == VISITOR and side is self.a
        user = self.people[role]
        return user.may_sign_in and (
            user.sees_all_clients or side.client.pk in set(user.client_keys())
        )

    @property
    def sides(self) -> Iterator[Side]:
        yield from (self.a, self.b)


def make_world(factory: Factory) -> World:
    ours = factory.make_center(name="Northlight Main")
    receiver = factory.make_receiver(center=ours)
    people = _make_people(factory)
    shared = factory.make_connection(label="A login of two clients")
    _connect_ours(factory, ours, people["access owner"])
    a = _make_side(factory, "Quillfen", people["manager of A"], receiver, shared)
    b = _make_side(factory, "Brackmoor", people["manager of B"], receiver, shared)
    for who, side, role, until in SERVING:
        client = {"A": a, "B": b}[side].client
        fields = {"client": client, "user": people[who], "role": role, "until": until}
        factory.make_assignment(**fields)
    limit = PlatformLimit.objects.create(
        platform="tiktok",
        subject="Something that has a limit",
        value=3,
        source="TikTok help",
        checked_on=timezone.localdate(),
    )
    return World(
        a,
        b,
        ours,
        _seat_somebody(factory, ours),
        _meet_a_stranger(factory, ours),
        limit,
        Team.objects.create(name="Those who search"),
        people,
        _ask_for_reset(factory, people[EXPIRED]),
    )


def _seat_somebody(factory: Factory, ours: BusinessCenter) -> RoleGrant:
    member = Member.objects.create(name="Sam Seat", email="sam@northlight.example")
    person = Grantee.objects.create(
        platform=ours.platform,
        kind=Grantee.Kind.PERSON,
        external_id="6800000000000000077",
        label=member.name,
        standing=Grantee.Standing.OURS,
        member=member,
    )
    return factory.make_grant(
        asset=ours,
        grantee=person,
        family=RoleGrant.Family.SEAT,
        state=RoleGrant.State.ACTIVE,
        asked_role=Role.STANDARD,
        observed_role=Role.STANDARD,
        observed_native="STANDARD",
    )


def _meet_a_stranger(factory: Factory, ours: BusinessCenter) -> BusinessCenter:
    stranger = factory.make_center(name="Whoever", owner=Asset.Owner.UNKNOWN)
    CenterSync.objects.create(center=ours, partner_id=stranger.external_id)
    return stranger


def _joined() -> dt.datetime:
    return timezone.now() - dt.timedelta(days=30)


def _make_people(factory: Factory) -> dict[str, User]:
    """Everybody has been here for a month; the lead of B is away."""
    known = {"date_joined": _joined()}
    today = timezone.localdate()
    manager = {"role": ACCOUNT_MANAGERS}
    cast: dict[str, dict[str, Any]] = {
        "manager of A": manager,
        "manager of B": {**manager, "away_until": today + dt.timedelta(days=9)},
        "deputy of A": manager,
        "deputy of B": manager,
        "once manager of A": manager,
        EXPIRED: {**manager, "expires_on": today - dt.timedelta(days=3)},
        "access owner": {"role": ACCESS_OWNERS},
        "buyer of A": {"role": MEDIA_BUYERS},
        "buyer of nobody": {"role": MEDIA_BUYERS},
        "auditor": {"role": AUDITORS},
        "superuser": {"role": "", "is_superuser": True},
    }
    return {who: factory.make_user(**known, **fields) for who, fields in cast.items()}


def _ask_for_reset(factory: Factory, user: User) -> FactorReset:
    owner = factory.make_user(role=ACCESS_OWNERS, date_joined=_joined())
    approval = factory.make_approval(asked_by=owner)
    return FactorReset.objects.create(user=user, approval=approval, reason="Lost")


def _connect_ours(factory: Factory, ours: BusinessCenter, owner: User) -> None:
    ours_key = factory.make_connection(label="Our own login")
    factory.make_consent(connection=ours_key, user=owner)
    Reach.objects.create(connection=ours_key, asset=ours, can_grant=True)


def _make_side(
    factory: Factory, word: str, lead: User, receiver: Grantee, shared: Connection
) -> Side:
    client = factory.make_client(name=f"{word} Ltd")
    factory.make_assignment(client=client, user=lead)
    contact = factory.make_contact(
        client=client, name=f"{word} Person", email=f"{word.lower()}@client.example"
    )
    center = factory.make_center(
        name=f"{word} Center", owner=Asset.Owner.CLIENT, client=client
    )
    factory.make_receiver(center=center, standing=Grantee.Standing.CLIENT)
    account = factory.make_ad_account(
        name=f"{word} Account", client=client, center=center
    )
    grant = factory.make_grant(
        asset=account,
        grantee=receiver,
        state=RoleGrant.State.ACTIVE,
        reason=f"{word} campaign",
    )
    asked = factory.make_request(client=client, contact=contact, asked_by=lead)
    item = factory.make_item(request=asked, receiver=receiver)
    booking.attach(item, grant)
    token = f"token-of-{word}".ljust(43, "x")
    spark = _ask_a_creator(factory, word, account, receiver, lead)
    spark_link = factory.make_spark_link(authorization=spark, token=token)
    link = factory.make_link(request=asked, contact=contact, token=token)
    connection = factory.make_connection(label=f"{word} login")
    given = factory.make_consent(connection=connection, client=client)
    held = factory.make_consent(
        connection=shared,
        client=client,
        state=Consent.State.HELD,
        held_because="This login already serves another client.",
    )
    return Side(
        word=word,
        client=client,
        contact=contact,
        account=account,
        center=center,
        grant=grant,
        asked=asked,
        for_admin=_ask_for_admin(factory, client, contact, lead),
        change=_wish_for_admin(factory, word, account, receiver, lead),
        link=link,
        token=token,
        connection=connection,
        given=given,
        held=held,
        visit=_visit(link, item, word, account),
        event=_tell(word, client, lead),
        spark=spark,
        spark_link=spark_link,
        spark_visit=_creators_visit(spark_link, word),
        post=factory.make_post(
            authorization=spark, ad_account=account, title=f"{word} in the rain"
        ),
    )


def _ask_a_creator(
    factory: Factory, word: str, account: AdAccount, receiver: Grantee, lead: User
) -> SparkAuthorization:
    """Ask a creator of this client alone, by both doors; they granted a part."""
    creator = factory.make_creator(name=f"{word} Creator", handle=word.lower())
    shown = CreatorAccount.objects.create(
        platform=account.platform,
        external_id=f"74{word}",
        name=f"{word} posts",
        creator=creator,
    )
    asked = factory.make_authorization(
        client=account.client,
        creator=creator,
        account=shown,
        center=receiver.center,
        asked=["posts", "videos"],
        granted=["posts"],
        campaign=f"{word} in autumn",
        state=SparkAuthorization.State.ACTIVE,
        verified_at=timezone.now(),
        asked_by=lead,
        qr_url=f"https://ads.example/scan/{word}",
        qr_made_at=timezone.now(),
    )
    asked.ad_accounts.create(ad_account=account, state="linked")
    return asked


def _creators_visit(link: SparkLink, word: str) -> SparkVisit:
    """Begin a visit in the browser of the client's contact; it has come to a stop."""
    browser = f"browser of {word}"
    attempt = consent.begin(
        platform="tiktok",
        purpose=Consent.Purpose.CREATOR,
        browser=browser,
        by=Actor.system(),
        client=link.authorization.client,
        creator=link.authorization.creator,
        scopes=["biz.spark.auth"],
    )
    return SparkVisit.objects.create(
        link=link,
        browser_hash=consent.hash_text(browser),
        attempt=attempt,
        offered=["posts"],
        problem="no_code",
    )


def _ask_for_admin(
    factory: Factory, client: Client, contact: Contact, lead: User
) -> AccessRequest:
    asked = factory.make_request(client=client, contact=contact, asked_by=lead)
    item = factory.make_item(
        request=asked,
        role="admin",
        reason=f"Billing of {client}",
        ends_on=timezone.localdate() + dt.timedelta(days=30),
        approval=factory.make_approval(asked_by=lead),
    )
    item.approval.digest = approvals.digest_of(requests.what_is_asked(item))
    item.approval.save()
    return asked


def _wish_for_admin(
    factory: Factory, word: str, account: AdAccount, receiver: Grantee, lead: User
) -> GrantChange:
    more = factory.make_ad_account(
        name=f"{word} Outlet", client=account.client, center=account.center
    )
    grant = factory.make_grant(
        asset=more, grantee=receiver, state=RoleGrant.State.ACTIVE
    )
    wish = Wish(
        Role.ADMIN,
        reason=f"Billing of {word}",
        ends_on=timezone.localdate() + dt.timedelta(days=30),
    )
    return changing.change_role(grant, wish, user=lead)


def _visit(link: AccessLink, item: Any, word: str, account: AdAccount) -> LinkSession:
    browser = f"browser of {word}"
    return LinkSession.objects.create(
        link=link,
        item=item,
        browser_hash=consent.hash_text(browser),
        attempt=consent.begin(
            platform=item.platform,
            purpose=Consent.Purpose.CLIENT,
            browser=browser,
            by=Actor.system(),
        ),
        stage=LinkSession.Stage.CHOOSING,
        signed_in_as=f"{word} login",
        candidates=[
            {
                "center_id": account.center.external_id,
                "center_name": account.center.name,
                "is_admin": True,
                "rows": [_candidate(account)],
            }
        ],
    )


def _candidate(account: AdAccount) -> dict[str, Any]:
    texts = {"currency": "EUR", "time_zone": "Europe/Lisbon", "why_not": ""}
    return {
        "external_id": account.external_id,
        "name": account.name,
        "can_choose": True,
        "is_already": False,
        **texts,
    }


def _tell(word: str, client: Client, lead: User) -> Event:
    with transaction.atomic():
        return record(
            "client.changed",
            by=Actor.staff(lead),
            subject=client,
            client=client,
            data={"kind": "client", "fields": f"{word} name"},
        )
