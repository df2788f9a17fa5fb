"""The journeys of people that a fault may meet: the client's, and our own connecting.

A journey goes as far as it gets while the fault lasts, and on when it is over, as its
people would: they press what the page offers.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, ConsentAttempt, RoleGrant
from onboarding.flows import reading
from onboarding.models import LinkSession
from tests.faults.stage import Stage, read
from tests.onboarding.visitor import Visitor
from tests.simulated import run_jobs

State = RoleGrant.State
Visit = LinkSession.Stage
SHARING, READING_BACK = "bc/partner/add/", "bc/partner/asset/get/"


class Journey:
    """`places`: the endpoints it calls, where a fault may lie in wait."""

    name: ClassVar[str]
    places: ClassVar[tuple[str, ...]]

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def prepare(self) -> None:
        """Do what comes before, while all is well."""

    def go(self) -> None:
        """Go as far as the fault lets it, and look at what the pages say."""
        raise NotImplementedError

    def go_on(self) -> None:
        """The fault is over: whoever was asked to act does, the sweeps do the rest."""
        raise NotImplementedError

    def is_unharmed(self) -> bool:
        """True when it ended as if there had been no fault."""
        raise NotImplementedError


class ClientsJourney(Journey):
    """From Start to Share on the link."""

    name = "client"
    places = (
        "oauth2/access_token/",
        "bc/get/",
        "bc/asset/admin/get/",
        SHARING,
        READING_BACK,
    )

    def prepare(self) -> None:
        self.visitor: Visitor = self.stage.visitor("hugo")

    def go(self) -> None:
        self.visitor.start()
        self._sign_in()
        self._share()
        self.stage.sweep()
        if self._stands_at(Visit.READING):
            self._look()
            self._lose_patience()
        self._look()

    def go_on(self) -> None:
        self.stage.mend_our_key()
        self.stage.sweep()
        has_failed = RoleGrant.objects.filter(state=State.FAILED).exists()
        if self._stands_at(Visit.STOPPED) or has_failed:
            visit = self.visitor.visit_url
            assert self.visitor.browser.post(f"{visit}again/").status_code == 303
            self._sign_in()
        self._share()
        self.stage.sweep()
        self._look()

    def is_unharmed(self) -> bool:
        states = set(RoleGrant.objects.values_list("state", flat=True))
        return states == {State.ACTIVE}

    def _sign_in(self) -> None:
        answer = self.visitor.come_back(self.visitor.sign_in())
        assert answer.status_code == 303, answer.content
        run_jobs()

    def _share(self) -> None:
        if self._stands_at(Visit.CHOOSING):
            groups = self.visitor.session.candidates
            rows = [row for group in groups for row in group["rows"]]
            ids = [row["external_id"] for row in rows if row["can_choose"]]
            assert self.visitor.share(*ids).status_code == 303
            run_jobs()

    def _lose_patience(self) -> None:
        long_ago = timezone.now() - reading.PATIENCE - dt.timedelta(minutes=1)
        ConsentAttempt.objects.update(claimed_at=long_ago)
        self.stage.sweep()

    def _stands_at(self, visit: str) -> bool:
        return self.visitor.session.stage == visit

    def _look(self) -> None:
        self.stage.told_client.append(read(self.visitor.look()))


class AgencysConnect(Journey):
    """An access owner connects a second login of ours."""

    name = "connect"
    places = ("oauth2/access_token/", "user/info/")

    def go(self) -> None:
        stage = self.stage
        hop = read(stage.staff.post(reverse("agency_leave", args=["tiktok"])))
        [state] = parse_qs(hop.split("/portal/auth?")[1].split('"')[0])["state"]
        location = stage.tiktok.consent(
            "mira", state=state, purpose=Consent.Purpose.AGENCY
        )
        parts = urlsplit(location)
        stage.show_staff(f"{parts.path}?{parts.query}")

    def go_on(self) -> None:
        self.go()

    def is_unharmed(self) -> bool:
        return (
            "Connected as Mira Okafor: Northlight Agency." in self.stage.told_staff[-1]
        )
