"""A creator's link: whom it opens for, what it shows, and how it ends."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.letters import LetterRefused
from accounts.models import SparkAuthorization, User
from accounts.trail import Actor
from onboarding.flows import spark
from onboarding.flows.minting import MOST_LETTERS, TooManyLetters
from onboarding.models import SparkLink
from onboarding.rows import spark_link_rows
from tests.base import HttpsClient
from tests.factory import Factory
from tests.onboarding.creator import CreatorPhone
from tests.simulated import run_jobs

BY = Actor.system()
State = SparkAuthorization.State
Phones = Callable[..., CreatorPhone]


class TestWhatLeadsNowhere:
    @pytest.mark.django_db
    def test_an_unknown_link(self, client: HttpsClient) -> None:
        assert client.get("/s/nobody-made-this-one/").status_code == 404

    @pytest.mark.parametrize("state", [*SparkAuthorization.OVER])
    def test_a_link_of_what_is_over(self, phone: Phones, state: str) -> None:
        aino = phone()
        SparkAuthorization.objects.update(state=state)
        assert aino.open().status_code == 404
        answer = aino.browser.post(f"/s/{aino.token}/start/", {"words": "posts"})
        assert answer.status_code == 404

    def test_a_revoked_link_alone(self, phone: Phones) -> None:
        aino = phone()
        spark.revoke(SparkLink.objects.get(), by=BY)
        assert aino.open().status_code == 404
        again = spark.hand_out(aino.authorization, SparkLink.HandOut.COPY, by=BY)
        assert aino.browser.get(again.url).status_code == 200

    def test_a_link_after_its_day(self, phone: Phones) -> None:
        aino = phone()
        past = timezone.now() - dt.timedelta(minutes=1)
        SparkAuthorization.objects.update(closes_at=past)
        assert aino.open().status_code == 404
        aino.authorization.refresh_from_db()
        with pytest.raises(spark.NotAsked):
            spark.hand_out(aino.authorization, SparkLink.HandOut.COPY, by=BY)


class TestTheListOfHandOuts:
    def said(self, aino: CreatorPhone) -> tuple[str, str]:
        (row,) = spark_link_rows(aino.authorization, may=True)
        return row["note"], row["state"]["word"]

    def test_each_step_replaces_what_was_said_before(self, phone: Phones) -> None:
        aino = phone()
        assert self.said(aino) == ("", "Not opened")
        aino.open()
        fetched = ("Fetched, perhaps by a mail scanner", "Fetched")
        assert self.said(aino) == fetched
        aino.connect("posts", "profile")
        assert self.said(aino) == ("Opened and Connect pressed", "Started")
        aino.agree_and_back("posts", "profile")
        assert self.said(aino) == ("Answered", "Answered")
        (row,) = spark_link_rows(aino.authorization, may=True)
        assert aino.visit.attempt is not None
        assert row["at"] == aino.visit.attempt.claimed_at

    def test_who_came_back_as_somebody_else_has_not_answered(
        self, phone: Phones
    ) -> None:
        aino = phone("nora")
        aino.agree_and_back("posts", "profile")
        assert self.said(aino) == ("Opened and Connect pressed", "Started")


class TestThePage:
    def test_it_changes_nothing_but_the_first_fetch(self, phone: Phones) -> None:
        aino = phone()
        aino.browser.head(f"/s/{aino.token}/")
        link = SparkLink.objects.get()
        assert link.first_fetched_at is not None
        assert link.started_at is None
        assert aino.state == State.WAITING

    def test_it_says_to_open_the_link_again(self, phone: Phones) -> None:
        page = phone().open().text
        assert "You can close this page and open the link again." in page

    def test_nothing_is_ticked_beforehand(self, phone: Phones) -> None:
        page = phone().open().text
        assert page.count('type="checkbox"') == 3
        assert "checked" not in page

    def test_a_colleague_sees_it_and_cannot_answer(
        self, phone: Phones, owner: User
    ) -> None:
        aino = phone()
        aino.browser.sign_in(owner)
        page = aino.open()
        assert "Preview." in page.text
        assert page.text.count(" disabled") == 2
        assert SparkLink.objects.get().first_fetched_at is None
        answer = aino.browser.post(f"/s/{aino.token}/start/", {"words": "posts"})
        assert answer.status_code == 403

    def test_what_the_platform_asks_itself_is_said(self, phone: Phones) -> None:
        page = phone(asked=["posts", "live"]).open().text
        assert page.count('type="checkbox"') == 1
        assert "TikTok itself asks for this one" in page

    @pytest.mark.parametrize(
        ("agent", "app"),
        [
            ("Mozilla/5.0 (iPhone) Mobile/21A Instagram 302.0.0.23", "Instagram"),
            ("Mozilla/5.0 [FBAN/FBIOS;FBAV/440.0]", "Facebook"),
            ("Mozilla/5.0 (iPhone) musical_ly_32.5.0 BytedanceWebview", "TikTok"),
            ("Mozilla/5.0 (iPhone) Snapchat/12.60", "Snapchat"),
            ("Mozilla/5.0 (iPhone) Safari Line/13.20.0", "LINE"),
            ("Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) Chrome/120", "an app"),
        ],
    )
    def test_inside_an_app_it_leads_to_the_browser(
        self, phone: Phones, agent: str, app: str
    ) -> None:
        aino = phone()
        page = aino.open(user_agent=agent).text
        assert f"You are looking through {app}" in page
        assert f"https://portal.example/s/{aino.token}/" in page
        url = f"/s/{aino.token}/?here=1"
        assert "Connect TikTok" in aino.browser.get(url, HTTP_USER_AGENT=agent).text

    def test_a_browser_of_its_own_sees_it_at_once(self, phone: Phones) -> None:
        safari = "Mozilla/5.0 (iPhone) AppleWebKit/605 Version/17 Mobile Safari/604"
        assert "Connect TikTok" in phone().open(user_agent=safari).text

    def test_the_centers_code_stands_there_until_its_list_shows_the_account(
        self, phone: Phones, factory: Factory
    ) -> None:
        qr_url = "https://www.tiktok.com/business/qr/one"
        center = factory.make_center(name="Northlight Main")
        made = {"qr_url": qr_url, "qr_made_at": timezone.now()}
        aino = phone(center=center, asked=["live"], **made)
        assert f'href="{qr_url}"' in aino.open().text
        SparkAuthorization.objects.update(shown={"center": ["live"]})
        assert qr_url not in aino.open().text
        SparkAuthorization.objects.update(
            state="lost", account=factory.make_ad_account(), shown={"center": None}
        )
        assert f'href="{qr_url}"' in aino.open().text


class TestLetters:
    def test_no_letter_leaves_without_an_address(self, factory: Factory) -> None:
        asked = factory.make_authorization(creator=factory.make_creator(email=""))
        with pytest.raises(spark.NoAddress):
            spark.mail(asked, by=BY)
        assert not SparkLink.objects.exists()

    def test_a_refused_letter_leaves_no_link(
        self, phone: Phones, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        aino = phone()

        def refuse(*args: Any, **fields: Any) -> None:
            raise LetterRefused("No.")

        monkeypatch.setattr(spark, "send_letter", refuse)
        with pytest.raises(LetterRefused):
            spark.mail(aino.authorization, by=BY)
        standing = SparkLink.objects.filter(revoked_at__isnull=True)
        assert [link.hand_out for link in standing] == [SparkLink.HandOut.PAPER]

    def test_another_address_ends_what_went_to_the_old_one(
        self, phone: Phones, owner: User
    ) -> None:
        aino = phone()
        spark.mail(aino.authorization, by=BY)
        creator, desk = aino.authorization.creator, HttpsClient()
        desk.sign_in(owner)
        told = {"name": creator.name, "handle": creator.handle, "language": "en"}
        for name, email in (
            ("Aino V.", creator.email),
            ("Aino V.", "new@aino.example"),
        ):
            told |= {"name": name, "email": email, "time_zone": creator.time_zone}
            page = reverse("admin:accounts_creator_change", args=[creator.pk])
            assert desk.post(page, told).status_code == 302
            run_jobs()
            standing = SparkLink.objects.filter(revoked_at__isnull=True)
            ways = {link.hand_out for link in standing}
            assert (SparkLink.HandOut.MAIL in ways) == (email == "aino@example.org")
            assert SparkLink.HandOut.PAPER in ways

    def test_a_creator_gets_five_letters_an_hour(self, phone: Phones) -> None:
        aino = phone()
        for _ in range(MOST_LETTERS):
            spark.mail(aino.authorization, by=BY)
        with pytest.raises(TooManyLetters):
            spark.mail(aino.authorization, by=BY)

    def test_an_ended_link_brings_a_fresh_one_by_mail(
        self, phone: Phones, client: HttpsClient
    ) -> None:
        aino = phone()
        spark.revoke_all(aino.authorization, by=BY)
        words = set()
        for email in ("nobody@else.example", "AINO@example.org"):
            answer = client.post("/fresh-link/", {"email": email})
            words.add(re.sub(r'value="[^"]+"', "", answer.text))
        run_jobs()
        assert len(words) == 1
        assert [letter.to for letter in mail.outbox] == [["aino@example.org"]]
        url = re.search(r"https://\S+", str(mail.outbox[0].body))
        assert url
        assert client.get(url[0]).status_code == 200
