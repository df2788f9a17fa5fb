"""Jonas asks a creator; the simulated TikTok has the creator and our center."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts.flows import consent, identifying, spark, spark_work
from accounts.models import (
    Asset,
    Client,
    Connection,
    Consent,
    Creator,
    Event,
    Grantee,
    RoleGrant,
    SparkAuthorization,
    User,
)
from accounts.platforms.registry import platform
from accounts.trail import Actor, describe
from tests.factory import Factory
from tests.simulated import Simulated, main_receiver, run_jobs

BY = Actor.system("test")
BROWSER = "the creator's phone"


@dataclass
class Spark:
    """Where a test asks a creator, lets them answer, and looks what came of it."""

    tiktok: Simulated
    factory: Factory
    user: User
    client: Client
    center: Asset

    def creator(self, slug: str = "aino") -> Creator:
        told = self.told(slug)
        known = Creator.objects.filter(handle=told["username"]).first()
        return known or self.factory.make_creator(
            name=told["name"], handle=told["username"]
        )

    def told(self, slug: str) -> dict[str, Any]:
        found = self.tiktok.look("creators")
        return next(one for one in found if one["slug"] == slug)

    def ask(
        self, *words: str, slug: str = "aino", client: Client | None = None, **more: Any
    ) -> SparkAuthorization:
        asked = spark.ask(
            client or self.client,
            self.creator(slug),
            **{
                "platform": "tiktok",
                "asked": words or ("posts",),
                "campaign": "Fjell jacket",
                "campaign_ends_on": timezone.localdate() + dt.timedelta(days=40),
                "closes_at": timezone.now() + dt.timedelta(days=7),
                "center": self.center,
                "user": self.user,
                **more,
            },
        )
        run_jobs()
        return self.seen(asked)

    def approve(self, slug: str = "aino", *roles: str) -> None:
        """Scan the center's code as this creator."""
        body = {"creator": slug, "bc_id": self.center.external_id}
        self.tiktok.control("creators/approve", roles=roles or ["POST"], **body)

    def leave(self, slug: str = "aino") -> None:
        body = {"creator": slug, "bc_id": self.center.external_id}
        self.tiktok.control("creators/leave", **body)

    def connect(
        self, asked: SparkAuthorization, slug: str = "aino", **more: Any
    ) -> Connection:
        """Consent with the creator's own login, and book the key that comes."""
        attempt = consent.begin(
            platform="tiktok",
            purpose=Consent.Purpose.CREATOR,
            browser=BROWSER,
            by=BY,
            creator=asked.creator,
        )
        location = self.tiktok.control(
            "creators/consent",
            creator=slug,
            state=consent.state_of(attempt),
            redirect_uri=consent.redirect_uri("tiktok", Consent.Purpose.CREATOR),
            scopes=platform("tiktok").spark.scopes_of(asked.asked),
            **more,
        )["location"]
        came = parse_qs(urlsplit(location).query)
        claimed = consent.claim(
            state=came["state"][0],
            platform="tiktok",
            purpose=Consent.Purpose.CREATOR,
            browser=BROWSER,
        )
        consent.exchange(claimed, came["code"][0], by=BY)
        key = identifying.identify(claimed, by=BY)
        self.factory.make_consent(
            connection=key, purpose="creator", client=None, creator=asked.creator
        )
        spark.connect(asked, key, by=BY)
        run_jobs()
        return key

    def seen(self, asked: SparkAuthorization) -> SparkAuthorization:
        return SparkAuthorization.objects.get(pk=asked.pk)

    def look_again(self, asked: SparkAuthorization) -> SparkAuthorization:
        """Let what is due come due, and sweep."""
        now = timezone.now()
        rows = SparkAuthorization.objects.filter(next_check_at__isnull=False)
        rows.update(next_check_at=now, lease_until=None)
        grants = RoleGrant.objects.filter(next_check_at__isnull=False)
        grants.update(next_check_at=now, lease_until=None)
        spark_work.sweep()
        run_jobs()
        return self.seen(asked)

    def hold(self, slug: str = "aino") -> dict[str, Any]:
        """Return what our center has of the creator, as the platform knows it."""
        holds = [one for one in self.tiktok.look("holds") if one["creator"] == slug]
        return holds[0] if holds else {}

    def person(self, name: str = "Jonas Lind") -> Grantee:
        """Book the seat that somebody has in our center."""
        [member] = [
            member
            for center in self.tiktok.look("centers")
            if center["bc_id"] == self.center.external_id
            for member in center["members"]
            if member["name"] == name
        ]
        ids = {"external_id": member["user_id"], "label": name}
        return self.factory.make_person(seat_in=self.center, **ids)

    def story(self, *subjects: Any) -> list[str]:
        return [sentence for _, sentence in describe(Event.objects.about(*subjects))]


@pytest.fixture
def sparks(our_side: Connection, tiktok: Simulated, factory: Factory) -> Spark:
    client = factory.make_client(name="Halden Outdoor")
    user = factory.make_user(name="Jonas Lind", serves=client)
    center = main_receiver().center
    assert center is not None
    return Spark(tiktok, factory, user, client, center)


def ours_in_center(sparks: Spark) -> Asset:
    """Book an ad account of the client's that our center has."""
    body = {"bc_id": sparks.center.external_id, "name": "Halden NO"}
    added = sparks.tiktok.control("accounts", **body)
    ids = {"external_id": added["advertiser_id"], "client": sparks.client}
    return sparks.factory.make_ad_account(name="Halden NO", **ids)
