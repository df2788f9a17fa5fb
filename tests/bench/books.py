"""Books of a given size, made in one go: who serves whom, who may touch what.

The mix is an agency's on an ordinary day: most access stands and was read back since
the last sync, some waits, some is broken. Every list of the smallest books has about a
hundred rows, so that a page of them is a page of the large ones in all but numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import (
    AdAccount,
    Asset,
    Assignment,
    BusinessCenter,
    Client,
    Connection,
    Consent,
    Contact,
    Grantee,
    PlatformRead,
    Reach,
    RoleGrant,
    User,
)
from accounts.roles import ACCESS_OWNERS, ACCOUNT_MANAGERS, AUDITORS, MEDIA_BUYERS
from agencyportal.tasks import gather_statistics

OURS = 5  # Business Centers of our own
PEOPLE = 200  # members of them, as the platform knows them
ROLES = (ACCESS_OWNERS, *[ACCOUNT_MANAGERS] * 5, *[MEDIA_BUYERS] * 3, AUDITORS)
VERTICALS = ("Retail", "Travel", "Games", "Finance", "Food", "Fashion", "")
STATUSES = (*["active"] * 7, "onboarding", "onboarding", "prospect", "former")

State, WaitsOn = RoleGrant.State, RoleGrant.WaitsOn
# (state, who acts next, how many of a thousand grants).
MIX: tuple[tuple[str, str, int], ...] = (
    (State.ACTIVE, "", 880),
    (State.PENDING, WaitsOn.CENTER_ADMIN, 8),
    (State.PENDING, WaitsOn.CLIENT, 12),
    (State.UNVERIFIED, WaitsOn.PORTAL, 8),
    (State.MANUAL, WaitsOn.CLIENT, 8),
    (State.FOUND, WaitsOn.ACCOUNT_MANAGER, 20),
    (State.DRIFTED, WaitsOn.ACCOUNT_MANAGER, 3),
    (State.LOST, WaitsOn.ACCOUNT_MANAGER, 3),
    (State.WITHDRAWING, WaitsOn.PORTAL, 3),
    (State.WITHDRAWN, "", 45),
    (State.DECLINED, "", 10),
)
STANDINGS = [(state, waits_on) for state, waits_on, many in MIX for _ in range(many)]
WAS_READ = (*RoleGrant.HELD, State.LOST, State.WITHDRAWING, State.WITHDRAWN)


@dataclass(frozen=True)
class Size:
    """How much of everything; of the grants, 9 in 50 are centers', the rest people's
    under them."""

    clients: int
    accounts: int
    grants: int
    events: int
    colleagues: int = 60

    @property
    def center_grants(self) -> int:
        return self.grants * 9 // 50


HUNDRED = Size(clients=100, accounts=100, grants=100, events=100)
TENTH = Size(clients=100, accounts=900, grants=5_000, events=20_000)
WHOLE = Size(clients=1_000, accounts=9_000, grants=50_000, events=200_000)


@dataclass
class Books:
    """What one filling made, for those who fill in more and those who look."""

    size: Size
    now: dt.datetime
    colleagues: list[User]
    receivers: list[Grantee]
    people: list[Grantee]
    clients: list[Client]
    accounts: list[AdAccount]
    keys: list[Connection]
    reads: dict[Any, PlatformRead]  # the last one, by client
    grants: list[RoleGrant]

    @property
    def owner(self) -> User:
        return self.colleagues[ROLES.index(ACCESS_OWNERS)]

    @property
    def manager(self) -> User:
        return self.colleagues[ROLES.index(ACCOUNT_MANAGERS)]

    def of_role(self, role: str) -> list[User]:
        """Return the colleagues of one role; colleague n has role n of ROLES."""
        return [
            colleague
            for n, colleague in enumerate(self.colleagues)
            if ROLES[n % len(ROLES)] == role
        ]


def fill(size: Size) -> Books:
    """Fill empty books up to `size`; the paper that comes with them is paper.py's."""
    from tests.bench import paper

    with transaction.atomic():
        books = _ground(size)
        books.grants = _grants(books)
        paper.add(books)
    gather_statistics()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as its daemon does, a minute later
    return books


def many(model: Any, rows: Iterable[Any]) -> list[Any]:
    made: list[Any] = model.objects.bulk_create(rows, batch_size=2_000)
    return made


def _ground(size: Size) -> Books:
    now = timezone.now()
    colleagues = _colleagues(size.colleagues)
    receivers = _receivers()
    people = many(
        Grantee,
        (
            Grantee(
                platform="tiktok",
                kind=Grantee.Kind.PERSON,
                external_id=f"66{n:017}",
                label=f"Member {n:03}",
                standing=Grantee.Standing.OURS,
            )
            for n in range(PEOPLE)
        ),
    )
    clients = many(
        Client,
        (
            Client(
                name=f"Client {n:05}",
                status=STATUSES[n % len(STATUSES)],
                vertical=VERTICALS[n % len(VERTICALS)],
                default_center=receivers[n % OURS],
            )
            for n in range(size.clients)
        ),
    )
    accounts = _accounts(clients, size.accounts)
    keys = _keys(clients, accounts)
    books = Books(
        *(size, now, colleagues, receivers, people, clients, accounts, keys),
        reads=_reads(clients, keys),
        grants=[],
    )
    _serve(books)
    _agency_keys(books)
    return books


def _colleagues(how_many: int) -> list[User]:
    colleagues = many(
        User,
        (
            User(email=f"c{n}@portal.example", name=f"Colleague {n:03}", password="!")
            for n in range(how_many)
        ),
    )
    groups = {role: Group.objects.get(name=role) for role in ROLES}
    membership = User.groups.through
    many(
        membership,
        (
            membership(user=colleague, group=groups[ROLES[n % len(ROLES)]])
            for n, colleague in enumerate(colleagues)
        ),
    )
    totp = Authenticator.Type.TOTP
    many(Authenticator, (Authenticator(user=u, type=totp, data={}) for u in colleagues))
    return colleagues


def _receivers() -> list[Grantee]:
    centers = many(
        BusinessCenter,
        (_center(f"70{n:017}", f"Our Center {n}", owner="agency") for n in range(OURS)),
    )
    return many(
        Grantee,
        (
            Grantee(
                platform="tiktok",
                kind=Grantee.Kind.CENTER,
                external_id=center.external_id,
                label=center.name,
                standing=Grantee.Standing.OURS,
                center=center,
            )
            for center in centers
        ),
    )


def _center(external_id: str, name: str, **fields: Any) -> BusinessCenter:
    return BusinessCenter(
        platform="tiktok",
        kind=Asset.Kind.CENTER,
        external_id=external_id,
        name=name,
        **fields,
    )


def _accounts(clients: Sequence[Client], how_many: int) -> list[AdAccount]:
    centers = many(
        BusinessCenter,
        (
            _center(f"71{n:017}", f"Center {n:05}", owner="client", client=client)
            for n, client in enumerate(clients)
        ),
    )
    rows = (
        AdAccount(
            platform="tiktok",
            kind=Asset.Kind.AD_ACCOUNT,
            external_id=f"73{n:017}",
            name=f"Account {n:05}",
            owner=Asset.Owner.CLIENT,
            client=clients[n % len(clients)],
            center=centers[n % len(centers)],
            currency="EUR",
            time_zone="Europe/Berlin",
        )
        for n in range(how_many)
    )
    return many(AdAccount, rows)


def _serve(books: Books) -> None:
    """A contact who decides and one more; a lead, some deputies, two buyers."""
    contact_rows = (
        Contact(
            client=client,
            name=f"Contact {n:05}{place}",
            email=f"{place}{n}@client.example",
            is_primary=place == "a",
        )
        for n, client in enumerate(books.clients)
        for place in "ab"
    )
    many(Contact, contact_rows)
    managers, buyers = books.of_role(ACCOUNT_MANAGERS), books.of_role(MEDIA_BUYERS)
    serves: list[Assignment] = []
    for n, client in enumerate(books.clients):
        told = [("lead", managers[n % len(managers)])]
        if n % 5 == 0:
            told.append(("deputy", managers[(n + 1) % len(managers)]))
        told += [("buyer", buyers[(n + k) % len(buyers)]) for k in range(2)]
        serves += [Assignment(client=client, user=u, role=role) for role, u in told]
    many(Assignment, serves)


def _keys(clients: Sequence[Client], accounts: Sequence[AdAccount]) -> list[Connection]:
    """One login a client, which reaches that client's accounts."""
    keys: list[Connection] = many(Connection, (_key(n) for n in range(len(clients))))
    consent = Consent.Purpose.CLIENT
    many(
        Consent,
        (
            Consent(connection=key, client=client, purpose=consent, wording_version="1")
            for key, client in zip(keys, clients, strict=True)
        ),
    )
    many(
        Reach,
        (
            Reach(connection=keys[n % len(keys)], asset=account, native_role="ADMIN")
            for n, account in enumerate(accounts)
        ),
    )
    return keys


def _reads(clients: Sequence[Client], keys: Sequence[Connection]) -> dict[Any, Any]:
    """The last sync: one list read a client, within the last six hours."""
    reads = many(
        PlatformRead,
        (
            PlatformRead(
                connection=key,
                list_name="partner_accounts",
                parameters={"center": "1", "partner": str(n)},
                read_at=timezone.now() - dt.timedelta(seconds=n % 21_600),
                rows_told=9,
                rows_stored=9,
                pages=1,
                trace_ids=[f"{n:032}"],
                sha256="0" * 64,
            )
            for n, key in enumerate(keys)
        ),
    )
    return dict(zip((client.pk for client in clients), reads, strict=True))


def _agency_keys(books: Books) -> None:
    """Two logins of ours to every center of ours."""
    owners = books.of_role(ACCESS_OWNERS)
    numbers = count(len(books.keys))
    for receiver in books.receivers:
        for key in many(Connection, (_key(next(numbers)) for _ in range(2))):
            Consent.objects.create(
                connection=key,
                user=owners[0],
                purpose=Consent.Purpose.AGENCY,
                wording_version="1",
            )
            Reach.objects.create(
                connection=key,
                asset=receiver.center,
                native_role="ADMIN",
                can_grant=True,
            )


def _key(n: int) -> Connection:
    return Connection(
        platform="tiktok",
        app_id="1",
        external_user_id=f"68{n:017}",
        label=f"Login {n:05}",
        problem="" if n % 50 else "The platform no longer takes this key.",
        state="live" if n % 50 else Connection.State.NEEDS_REAUTHORIZATION,
        last_used_at=timezone.now(),
    )


def _grants(books: Books) -> list[RoleGrant]:
    accounts = books.accounts[: books.size.center_grants]
    centers = many(
        RoleGrant,
        (
            _grant(books, n, account, books.receivers[n % OURS])
            for n, account in enumerate(accounts)
        ),
    )
    return centers + many(RoleGrant, _under(books, centers))


def _under(books: Books, centers: Sequence[RoleGrant]) -> Iterator[RoleGrant]:
    """The people who work through a center's share, four or five on an account."""
    for n in range(books.size.grants - len(centers)):
        row, place = divmod(n, len(centers))
        above, person = centers[place], books.people[(n + row) % PEOPLE]
        yield _grant(books, n, above.asset, person, via=above)


def _grant(books: Books, n: int, asset: Any, grantee: Grantee, **fields: Any) -> Any:
    """Grant number n: read within the last six hours, one in thirty a day ago."""
    state, waits_on = STANDINGS[n * 37 % len(STANDINGS)]
    age = dt.timedelta(hours=30 if n % 30 == 0 else 0, seconds=n % 21_600)
    since = books.now - dt.timedelta(days=n % 300, minutes=n % 1_440)
    role = "analyst" if n % 4 == 0 else "operator"
    was_read, is_ours = state in WAS_READ, state != State.FOUND
    return RoleGrant(
        asset=asset,
        grantee=grantee,
        state=state,
        waits_on=waits_on,
        asked_role=role if is_ours else "",
        source=RoleGrant.Source.LINK if is_ours else RoleGrant.Source.FOUND,
        observed_role=role if was_read else "",
        observed_native=role.upper() if was_read else "",
        verified_at=books.now - age if was_read else None,
        last_read=books.reads[asset.client_id] if was_read else None,
        problem=f"What stands in the way of grant {n}." if waits_on else "",
        asked_at=since,
        since=since,
        **fields,
    )
