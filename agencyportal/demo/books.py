"""The invented agency's books: clients to ask, and our own side connected.

Safe to repeat: what exists stays as whoever plays has left it.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from urllib.request import Request, urlopen

from django.conf import settings
from django.utils import timezone

from accounts.flows import agency, consent, spark
from accounts.models import (
    Asset,
    Assignment,
    BusinessCenter,
    Client,
    Connection,
    Consent,
    Contact,
    Creator,
    Member,
    Team,
    TeamPlace,
    User,
)
from accounts.platforms.roles import Role
from accounts.platforms.spark import POSTS, PROFILE, VIDEOS
from accounts.trail import Actor
from agencyportal.demo.cast import make_cast
from agencyportal.firstrun import DOMAIN

PLATFORM = "tiktok"
# Client, the colleague who leads it, the contact as the simulator knows them.
CLIENTS = (
    ("Halden Outdoor", "mira.okafor", "Sofia Halden", "Head of marketing"),
    ("Brightwater Clinics", "mira.okafor", "Dana Whitlock", "Growth lead"),
    ("Osteria Lume", "mira.okafor", "Paolo Ferri", "Assistant"),
    ("Maren Home", "mira.okafor", "Maren Holt", "Owner"),
    ("Blom Ceramics", "mira.okafor", "Oskar Blom", "Owner"),
    ("Demir Bakery", "mira.okafor", "Yusuf Demir", "Owner"),
    ("Calder Books", "mira.okafor", "Ruth Calder", "Owner"),
    ("Fjord Coffee", "mira.okafor", "Nadia Petrov", "Freelance marketer"),
    ("Alder and Pine", "mira.okafor", "Nadia Petrov", "Freelance marketer"),
    ("Vance Motors", "tomas.vega", "Greta Vance", "Performance marketing"),
    ("Kestrel Cycles", "tomas.vega", "Ines Duarte", "Head of growth"),
)
# Whose login in the simulator stands for the agency.
OUR_LOGIN = "priya"
OWNER = "priya.raman"
# Our people as the simulator's centers know them, with their place in the team.
MEMBERS = (
    ("jonas.lind", f"jonas@{DOMAIN}", Role.OPERATOR),
    ("mira.okafor", f"mira@{DOMAIN}", Role.OPERATOR),
    ("priya.raman", f"priya@{DOMAIN}", Role.ANALYST),
)
# Creators as the simulator knows them: name, handle.
CREATORS = (
    ("Aino Virta", "aino.outdoors"),
    ("Cucina di Nora", "cucina.di.nora"),
    ("Luis Prado", "luis.cocina"),
    ("Kit Marlow", "kit.rides"),
)
CAMPAIGN, CAMPAIGN_LASTS = "Fjell launch", dt.timedelta(days=45)
ANSWERS_WITHIN = dt.timedelta(days=14)
TEAM = "DACH performance"
TEAMS_CLIENT = "Halden Outdoor"


def fill() -> None:
    """Make whatever is missing of the cast, the clients and the agency's connection."""
    _register_our_addresses()
    cast = make_cast()
    for name, lead, contact, job in CLIENTS:
        _make_client(name, cast[lead], contact, job)
    _make_team(cast)
    if not Connection.objects.of_agency(PLATFORM).exists():
        connect_our_side(cast[OWNER])
    creators = [_make_creator(name, handle) for name, handle in CREATORS]
    _ask_first(creators[0], cast)


def connect_our_side(user: User) -> Connection:
    """Connect the agency through the simulator's consent, without a browser."""
    browser = "demo"
    attempt = consent.begin(
        platform=PLATFORM,
        purpose=Consent.Purpose.AGENCY,
        browser=browser,
        by=Actor.staff(user),
        user=user,
    )
    code = _consent_in_the_simulator(
        consent.state_of(attempt),
        consent.redirect_uri(PLATFORM, Consent.Purpose.AGENCY),
    )
    attempt = consent.claim(
        state=consent.state_of(attempt),
        platform=PLATFORM,
        purpose=Consent.Purpose.AGENCY,
        browser=browser,
        user=user,
    )
    consent.exchange(attempt, code, by=Actor.staff(user))
    return agency.connect(attempt, user=user)


def _register_our_addresses() -> None:
    """Tell the simulated app where consent comes back to: ports may have moved."""
    uris = [consent.redirect_uri(PLATFORM, one) for one in Consent.Purpose]
    _pull("app", redirect_uris=uris)


def _consent_in_the_simulator(state: str, redirect_uri: str) -> str:
    """Return the code the simulated consent page would send back."""
    location = _pull(
        "consent", person=OUR_LOGIN, redirect_uri=redirect_uri, state=state
    )["location"]
    return parse_qs(urlsplit(location).query)["auth_code"][0]


def _pull(lever: str, **body: Any) -> Any:
    """Pull a lever of the simulator; GET /_control/ lists them."""
    request = Request(  # noqa: S310 the simulator, loopback only: settings see to it
        urljoin(settings.TIKTOK["auth_url"], f"/_control/{lever}"),
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def _make_creator(name: str, handle: str) -> Creator:
    creator, _ = Creator.objects.get_or_create(
        handle=handle,
        defaults={"name": name, "email": f"hello@{handle.replace('.', '')}.example"},
    )
    return creator


def _ask_first(creator: Creator, cast: dict[str, User]) -> None:
    """Ask one creator for the first client, once: the others are left to the player."""
    client = Client.objects.get(name=CLIENTS[0][0])
    if creator.authorizations.filter(client=client).exists():
        return
    now = timezone.now()
    spark.ask(
        client,
        creator,
        platform=PLATFORM,
        asked=(POSTS, PROFILE, VIDEOS),
        campaign=CAMPAIGN,
        campaign_ends_on=(now + CAMPAIGN_LASTS).date(),
        center=BusinessCenter.objects.filter(owner=Asset.Owner.AGENCY).first(),
        closes_at=now + ANSWERS_WITHIN,
        user=cast[CLIENTS[0][1]],
    )


def _make_team(cast: dict[str, User]) -> None:
    """Book our people and who usually works together, once."""
    team, made = Team.objects.get_or_create(name=TEAM)
    if not made:
        return
    for key, email, role in MEMBERS:
        user = cast[key]
        member, _ = Member.objects.get_or_create(
            email=email, defaults={"name": user.name, "user": user}
        )
        TeamPlace.objects.create(team=team, member=member, role=role)
    Client.objects.filter(name=TEAMS_CLIENT).update(team=team)


def _make_client(name: str, lead: User, contact: str, job: str) -> None:
    client, made = Client.objects.get_or_create(name=name)
    if not made:
        return
    Assignment.objects.create(client=client, user=lead)
    slug = name.lower().replace(" ", "")
    Contact.objects.create(
        client=client,
        name=contact,
        email=f"{contact.split()[0].lower()}@{slug}.example",
        job=job,
        is_primary=True,
    )
