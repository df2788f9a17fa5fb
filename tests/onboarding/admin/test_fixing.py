"""Fix cards of requests and of attribution, where a manager meets them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Contact, Event
from onboarding.models import AttributionAdvice, ItemGrant
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory


def page_of(noun: str, row: Any) -> str:
    return reverse(f"admin:{noun}_change", args=[row.pk])


def card(page: Any, title: str) -> dict[str, Any]:
    panels = page.context["desk_panels"]
    return next((one for one in panels if one["title"] == title), {})


@pytest.fixture
def silent(factory: Factory, aurora: Client, sofia: Contact):
    """A request handed out three days ago that nobody has opened."""
    asked = factory.make_request(client=aurora, contact=sofia)
    factory.make_item(request=asked)
    factory.make_link(request=asked, made_at=timezone.now() - dt.timedelta(days=3))
    return asked


def test_silence_stands_on_the_clients_the_requests_and_the_grants_page(
    desk: HttpsClient, factory: Factory, aurora: Client, silent
) -> None:
    account = factory.make_ad_account(client=aurora)
    grant = factory.make_grant(asset=account, waits_on="client")
    ItemGrant.objects.create(item=silent.items.get(), grant=grant)
    for noun, row in (
        ("accounts_client", aurora),
        ("onboarding_accessrequest", silent),
        ("accounts_rolegrant", grant),
    ):
        found = card(desk.get(page_of(noun, row)), "Perhaps not received")
        assert "Messages in Ads Manager" in found["html"], noun
        assert "mailto:sofia@aurora.example" in found["html"]
        switch = reverse("admin:onboarding_switch", args=[silent.pk])
        assert f'href="{switch}"' in found["html"]


def test_who_only_looks_may_not_switch(noa, aurora: Client, silent) -> None:
    page = browser_of(noa).get(page_of("onboarding_accessrequest", silent))
    html = card(page, "Perhaps not received")["html"]
    assert "Ask another way" not in html


class TestAttribution:
    TITLE = "Attribution: only the client sets it"

    @pytest.fixture
    def url(self, aurora: Client) -> str:
        return reverse("admin:onboarding_advice", args=[aurora.pk])

    def said(self, **changes: str) -> dict[str, str]:
        usual = {"click_days": "7", "view_days": "1", "counting": "every"}
        return {**usual, "note": "", "applied_on": "", **changes}

    def test_nobody_else_writes_it(self, noa, url: str) -> None:
        assert browser_of(noa).post(url, self.said()).status_code == 403
        assert not AttributionAdvice.objects.exists()

    def test_it_is_not_set_tomorrow(self, desk: HttpsClient, url: str) -> None:
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        answer = desk.post(url, self.said(applied_on=str(tomorrow)))
        assert answer.status_code == 400
        assert "not one to come" in answer.text

    def test_without_advice_there_is_no_card(
        self, desk: HttpsClient, aurora: Client
    ) -> None:
        page = desk.get(page_of("accounts_client", aurora))
        assert card(page, self.TITLE) == {}
        assert "Write down what we recommend" in card(page, "Attribution")["html"]

    def test_the_letter_names_what_we_recommend_until_it_is_set(
        self, desk: HttpsClient, aurora: Client, sofia: Contact, url: str
    ) -> None:
        page = desk.post(url, self.said(note="As in spring."), follow=True)
        html = card(page, self.TITLE)["html"]
        assert "7 days after a click" in html
        assert "As in spring." in html
        assert "Hello Sofia," in html
        today = timezone.localdate()
        page = desk.post(url, self.said(applied_on=str(today)), follow=True)
        assert card(page, self.TITLE) == {}
        actions = Event.objects.order_by("pk").values_list("action", flat=True)
        assert list(actions)[-2:] == ["advice.written", "advice.applied"]

    def test_other_windows_have_yet_to_be_set(
        self, desk: HttpsClient, aurora: Client, url: str
    ) -> None:
        today = str(timezone.localdate())
        desk.post(url, self.said(applied_on=today))
        page = desk.post(url, self.said(applied_on=today, click_days="28"), follow=True)
        assert "28 days after a click" in card(page, self.TITLE)["html"]
