"""The pages that merge two clients, and where a merged one leads."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Client, User
from tests.accounts.admin.conftest import browser_of
from tests.accounts.admin.test_clients_desk import ADD, form_for, page_of
from tests.base import HttpsClient
from tests.factory import Factory


@pytest.fixture
def double(factory: Factory) -> Client:
    return factory.make_client(name="Aurora Wine GmbH")


def url_of(gone: Client, kept: Client | None = None) -> str:
    url = reverse("admin:accounts_client_merge", args=[gone.pk])
    return f"{url}?other={kept.pk}" if kept else url


def digest_on(page: str) -> str:
    return page.split('name="digest" value="')[1].split('"')[0]


def test_it_is_closed_to_all_but_access_owners(
    aurora: Client, double: Client, desk: HttpsClient, noa: User
) -> None:
    for browser in (desk, browser_of(noa)):
        assert browser.get(url_of(aurora, double)).status_code == 403
        assert browser.post(url_of(aurora, double)).status_code == 403
        assert url_of(aurora) not in browser.get(page_of(aurora)).text


def test_it_knows_no_other_client_by_a_made_up_key(
    aurora: Client, owners_desk: HttpsClient
) -> None:
    for key in ("nonsense", "7b3f4c1e-0000-4000-8000-000000000000"):
        answer = owners_desk.get(f"{url_of(aurora)}?other={key}")
        assert answer.status_code == 404


def test_a_get_merges_nothing(
    aurora: Client, double: Client, owners_desk: HttpsClient
) -> None:
    assert owners_desk.get(url_of(double, aurora)).status_code == 200
    assert not Client.objects.exclude(merged_into=None).exists()


def test_it_offers_names_alike_and_finds_others(
    factory: Factory, aurora: Client, double: Client, owners_desk: HttpsClient
) -> None:
    factory.make_client(name="Borealis Books")
    assert url_of(aurora) in owners_desk.get(page_of(aurora)).text
    page = owners_desk.get(url_of(aurora)).text
    assert "Aurora Wine GmbH" in page
    assert "Borealis" not in page
    page = owners_desk.get(url_of(aurora), {"q": "boreal"}).text
    assert "Borealis Books" in page
    page = owners_desk.get(url_of(aurora), {"q": "zzz"}).text
    assert "No other client has “zzz” in its name." in page


def test_it_shows_what_moves_before_it_moves(
    factory: Factory, aurora: Client, double: Client, owners_desk: HttpsClient
) -> None:
    for name in ("Shop", "Brand"):
        factory.make_ad_account(client=double, name=name)
    factory.make_contact(client=double, email="s@aurora.example")
    factory.make_contact(client=aurora, email="s@aurora.example")
    page = owners_desk.get(url_of(double, aurora)).text
    assert "2: Brand, Shop" in page or "2: Shop, Brand" in page
    assert "is in both" in page
    assert "There is no way back." in page
    assert url_of(aurora, double).replace("&", "&amp;") in page


def test_it_merges_and_leads_on(
    aurora: Client, double: Client, owners_desk: HttpsClient
) -> None:
    page = owners_desk.get(url_of(double, aurora)).text
    data = {"other": str(aurora.pk), "digest": digest_on(page)}
    answer = owners_desk.post(url_of(double), data, follow=True)
    assert answer.redirect_chain[-1][0] == page_of(aurora)
    assert "Aurora Wine GmbH is Aurora Wines from now on." in answer.text


def test_it_asks_to_read_again_what_changed_meanwhile(
    factory: Factory, aurora: Client, double: Client, owners_desk: HttpsClient
) -> None:
    page = owners_desk.get(url_of(double, aurora)).text
    factory.make_contact(client=double)
    data = {"other": str(aurora.pk), "digest": digest_on(page)}
    answer = owners_desk.post(url_of(double), data, follow=True)
    assert "Read it again." in answer.text
    double.refresh_from_db()
    assert double.merged_into is None


class TestAfterwards:
    @pytest.fixture(autouse=True)
    def merged(self, aurora: Client, double: Client) -> None:
        Client.objects.filter(pk=double.pk).update(merged_into=aurora, status="former")

    def test_its_page_leads_to_the_client_it_became(
        self, aurora: Client, double: Client, desk: HttpsClient
    ) -> None:
        answer = desk.get(page_of(double), follow=True)
        assert answer.redirect_chain == [(page_of(aurora), 302)]
        assert "That client turned out to be Aurora Wines: here it is." in answer.text

    def test_it_leads_nobody_who_does_not_see_that_one(
        self, factory: Factory, double: Client
    ) -> None:
        stranger = browser_of(factory.make_user())
        answer = stranger.get(page_of(double))
        assert answer.status_code == 404

    def test_it_is_in_no_list(self, double: Client, owners_desk: HttpsClient) -> None:
        page = owners_desk.get(reverse("admin:accounts_client_changelist")).text
        assert "Aurora Wines" in page
        assert "Aurora Wine GmbH" not in page

    def test_its_name_leads_to_the_client_it_became(self, desk: HttpsClient) -> None:
        page = desk.post(reverse(ADD), form_for(name="aurora wine gmbh"))
        assert "is recorded; ask Mira Okafor." in page.text

    def test_nothing_is_asked_of_it(self, double: Client, desk: HttpsClient) -> None:
        url = reverse("admin:onboarding_ask", args=[double.pk])
        assert desk.get(url).status_code == 404
