"""A creator's visit: off to the platform, back, and only a read makes it active."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import ConsentAttempt, SparkAuthorization, User
from onboarding.flows import spark_login
from onboarding.models import SparkVisit
from onboarding.tasks import read_login
from tests.base import HttpsClient
from tests.factory import Factory
from tests.onboarding.creator import CreatorPhone
from tests.simulated import never_arrives, run_jobs

State = SparkAuthorization.State
Phones = Callable[..., CreatorPhone]
ALL = ("posts", "profile", "videos")
TOKEN = "tt_user/oauth2/token/"


class TestConnect:
    @pytest.mark.parametrize("words", [(), ("live",), ("made-up",)])
    def test_it_needs_a_tick(self, phone: Phones, words: tuple[str, ...]) -> None:
        aino = phone()
        answer = aino.browser.post(f"/s/{aino.token}/start/", {"words": words})
        assert answer.status_code == 400
        assert "Tick at least one" in answer.text
        assert not ConsentAttempt.objects.exists()

    def test_it_asks_for_what_was_ticked_and_no_more(self, phone: Phones) -> None:
        aino = phone()
        aino.connect("posts")
        asked = aino.asked()
        assert asked["scope"] == "biz.spark.auth"
        assert asked["redirect_uri"] == "https://portal.example/connect/creator/tiktok/"

    def test_pressed_twice_it_is_one_trip(self, phone: Phones) -> None:
        aino = phone()
        aino.connect("posts")
        aino.connect("posts")
        assert ConsentAttempt.objects.count() == 1
        aino.connect("posts", "videos")
        assert ConsentAttempt.objects.count() == 2
        assert SparkVisit.objects.count() == 1

    def test_a_no_on_our_page_ends_it(self, phone: Phones) -> None:
        aino = phone()
        answer = aino.browser.post(f"/s/{aino.token}/start/", {"act": "decline"})
        assert "You said no" in answer.text
        assert aino.state == State.DECLINED
        assert aino.open().status_code == 404


class TestComingBack:
    def test_another_browser_comes_to_nothing(self, phone: Phones) -> None:
        aino = phone()
        aino.connect(*ALL)
        location = aino.agree()
        aino.browser = HttpsClient()
        answer = aino.come_back(location)
        assert answer.status_code == 403
        assert "another browser" in answer.text
        assert aino.tiktok.calls(TOKEN) == 0

    def test_a_colleagues_browser_comes_to_nothing(
        self, phone: Phones, owner: User
    ) -> None:
        aino = phone()
        aino.connect(*ALL)
        location = aino.agree()
        aino.browser.sign_in(owner)
        assert aino.come_back(location).status_code == 403
        assert aino.tiktok.calls(TOKEN) == 0

    def test_a_callback_seen_again_exchanges_nothing(self, phone: Phones) -> None:
        aino = phone()
        aino.connect(*ALL)
        location = aino.agree()
        first = aino.come_back(location)
        again = aino.come_back(location)
        assert (first.status_code, again.status_code) == (303, 303)
        assert again["Location"] == first["Location"] == aino.visit_url
        assert aino.tiktok.calls(TOKEN) == 1

    def test_a_no_there_is_noted_and_may_be_thought_over(self, phone: Phones) -> None:
        aino = phone()
        page = aino.agree_and_back(*ALL, refuse=True)
        assert "You said no" in page.text
        assert aino.state == State.WAITING
        assert aino.press("again")["Location"] == aino.visit_url + "leave/"
        assert aino.hop().status_code == 200

    def test_without_a_code_it_says_so_and_starts_again(self, phone: Phones) -> None:
        aino = phone()
        aino.connect(*ALL)
        state = aino.asked()["state"]
        aino.browser.get(f"/connect/creator/tiktok/?state={state}")
        assert "sent you back without an answer" in aino.look().text
        assert aino.tiktok.calls(TOKEN) == 0
        assert aino.press("again")["Location"] == aino.visit_url + "leave/"

    def test_a_platform_that_is_down_is_not_the_creators_fault(
        self, phone: Phones
    ) -> None:
        aino = phone()
        aino.connect(*ALL)
        location = aino.agree()
        with aino.tiktok.disturbed(TOKEN, never_arrives):
            aino.come_back(location)
        assert "does not answer" in aino.look().text
        assert aino.state == State.WAITING


class TestHowItStands:
    def test_it_is_read_back_before_it_is_active(self, phone: Phones) -> None:
        aino = phone()
        aino.connect(*ALL)
        aino.come_back(aino.agree())
        assert "Seeing who signed in" in aino.look().text
        spark_login.read_login(aino.visit.pk)
        assert aino.state == State.UNVERIFIED
        assert "Being read back" in aino.look().text
        run_jobs()
        assert aino.state == State.ACTIVE
        assert "It arrived" in aino.look().text

    def test_what_is_missing_is_said_and_may_be_allowed(self, phone: Phones) -> None:
        aino = phone()
        page = aino.agree_and_back(*ALL, withhold=["video.list"])
        assert aino.state == State.ACTIVE
        assert aino.authorization.missing == ["videos"]
        assert "In part" in page.text
        assert "Not allowed" in page.text
        aino.press("all")
        aino.come_back(aino.agree())
        run_jobs()
        aino.authorization.refresh_from_db()
        assert aino.authorization.missing == []
        assert "Allow the rest" not in aino.look().text

    def test_the_centers_code_is_the_next_step(
        self, phone: Phones, factory: Factory
    ) -> None:
        qr_url = "https://www.tiktok.com/business/qr/one"
        aino = phone(center=factory.make_receiver().center, qr_url=qr_url)
        assert qr_url not in aino.open().text
        assert f'href="{qr_url}"' in aino.agree_and_back(*ALL).text

    def test_the_link_leads_this_browser_on_and_nobody_else(
        self, phone: Phones
    ) -> None:
        aino = phone()
        aino.agree_and_back(*ALL)
        assert aino.open()["Location"] == aino.visit_url
        answer = HttpsClient().get(aino.visit_url)
        assert answer.status_code == 404

    def test_whoever_opens_the_link_sees_the_steps_and_nothing_of_whom(
        self, phone: Phones
    ) -> None:
        aino = phone()
        aino.agree_and_back(*ALL)
        aino.browser = HttpsClient()
        shown = aino.open().text
        assert 'class="ladder' in shown
        assert "Read back" in shown
        assert "Allowed" not in shown

    def test_it_is_shown_to_who_agreed_also_after_its_end(self, phone: Phones) -> None:
        aino = phone()
        aino.agree_and_back(*ALL)
        ended = {"state": State.WITHDRAWN, "closes_at": timezone.now()}
        SparkAuthorization.objects.update(**ended)
        assert "Your permission has ended" in aino.look().text
        assert aino.press("all").status_code == 303
        assert ConsentAttempt.objects.count() == 1


class TestKilledAnywhere:
    def test_the_sweep_reads_what_no_task_has(self, phone: Phones) -> None:
        aino = phone()
        aino.connect(*ALL)
        aino.come_back(aino.agree())
        OrmQ.objects.all().delete()
        spark_login.sweep(timezone.now())
        run_jobs()
        assert aino.state == State.ACTIVE

    def test_a_broken_callback_says_start_again(self, phone: Phones) -> None:
        aino = phone()
        aino.connect(*ALL)
        ConsentAttempt.objects.update(claimed_at=timezone.now() - dt.timedelta(hours=1))
        spark_login.sweep(timezone.now())
        assert "took a little too long" in aino.look().text

    def test_one_worker_at_a_time_sees_who_signed_in(self, phone: Phones) -> None:
        aino = phone()
        aino.connect(*ALL)
        aino.come_back(aino.agree())
        SparkVisit.objects.update(lease_until=timezone.now() + spark_login.LEASE)
        assert not spark_login.read_login(aino.visit.pk)
        assert aino.tiktok.calls("tt_user/token_info/get/") == 0

    def test_another_run_of_its_task_changes_nothing(self, phone: Phones) -> None:
        aino = phone()
        aino.agree_and_back(*ALL)
        before = _books(aino)
        for _ in range(2):
            assert not read_login(str(aino.visit.pk))
        assert _books(aino) == before

    def test_trouble_in_passing_is_left_for_the_sweep(self, phone: Phones) -> None:
        aino = phone()
        aino.connect(*ALL)
        aino.come_back(aino.agree())
        with aino.tiktok.disturbed("tt_user/token_info/get/", never_arrives):
            run_jobs()
        assert "Seeing who signed in" in aino.look().text
        spark_login.sweep(timezone.now())
        run_jobs()
        assert aino.state == State.ACTIVE


def _books(aino: CreatorPhone) -> Any:
    return list(SparkAuthorization.objects.values()), list(SparkVisit.objects.values())
