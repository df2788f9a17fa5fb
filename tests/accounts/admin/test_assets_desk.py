"""The desks of Business Centers and ad accounts."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import (
    AdAccount,
    BusinessCenter,
    Client,
    PlatformLimit,
    Reach,
    User,
)
from accounts.models.limits import ACCOUNTS_PER_CENTER
from accounts.roles import MEDIA_BUYERS
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

ADD_CENTER = "admin:accounts_businesscenter_add"
ADD_ACCOUNT = "admin:accounts_adaccount_add"
ID = "7301846225110446081"


def center(**changes: str) -> dict[str, str]:
    return {
        "platform": "tiktok",
        "external_id": ID,
        "name": "Aurora Center",
        "owner": "third_party",
        "client": "",
        "owning_email": "",
        **changes,
    }


def account(**changes: str) -> dict[str, str]:
    return {
        "platform": "tiktok",
        "external_id": ID,
        "name": "Aurora Account",
        "owner": "third_party",
        "client": "",
        **changes,
    }


@pytest.mark.parametrize("wrong", ["", "12345", "73018462251104460a1", "7" * 21])
@pytest.mark.parametrize("address", [ADD_CENTER, ADD_ACCOUNT])
def test_it_refuses_a_wrong_id_and_shows_the_format(
    owners_desk: HttpsClient, wrong: str, address: str
) -> None:
    page = owners_desk.post(reverse(address), center(external_id=wrong))
    assert page.status_code == 200
    said = "An id has 15 to 20 digits, like 7301846225110446081."
    assert (said if wrong else "This field is required") in page.text
    assert not BusinessCenter.objects.exists()


def test_it_refuses_a_clients_asset_without_its_client(desk: HttpsClient) -> None:
    page = desk.post(reverse(ADD_ACCOUNT), account(owner="client"))
    assert "Say which client owns it." in page.text


def test_it_refuses_a_client_one_does_not_see(
    desk: HttpsClient, factory: Factory
) -> None:
    theirs = factory.make_client()
    data = account(owner="client", client=str(theirs.pk))
    assert desk.post(reverse(ADD_ACCOUNT), data).status_code == 200
    assert not AdAccount.objects.exists()


def test_it_names_whom_to_ask_about_a_recorded_account_without_a_link(
    desk: HttpsClient, factory: Factory
) -> None:
    theirs = factory.make_client(name="Borealis Books")
    factory.make_user(name="Tom Reyes", serves=theirs)
    known = factory.make_ad_account(external_id=ID, client=theirs)
    page = desk.post(reverse(ADD_ACCOUNT), account()).text
    assert f"{ID} is already recorded; ask Tom Reyes." in page
    assert str(known.pk) not in page
    assert "Borealis" not in page


def test_it_links_to_a_recorded_account_one_may_see(
    desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    known = factory.make_ad_account(external_id=ID, client=aurora)
    page = desk.post(reverse(ADD_ACCOUNT), account()).text
    assert "ask Mira Okafor." in page
    assert reverse("admin:accounts_adaccount_change", args=[known.pk]) in page


def test_a_center_and_an_account_may_share_a_number(
    owners_desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    factory.make_ad_account(external_id=ID)
    data = center(owner="client", client=str(aurora.pk))
    assert owners_desk.post(reverse(ADD_CENTER), data).status_code == 302
    assert BusinessCenter.objects.get().external_id == ID


@pytest.fixture
def limit(db: None) -> PlatformLimit:
    PlatformLimit.objects.filter(subject="Business Centers per login").delete()
    return PlatformLimit.objects.create(
        platform="tiktok",
        subject="Business Centers per login",
        value=3,
        source="TikTok help, Create a Business Center",
        checked_on=dt.date(2026, 11, 2),
        is_used=True,
    )


def test_it_warns_of_a_fourth_center_with_the_dated_source(
    owners_desk: HttpsClient, factory: Factory, aurora: Client, limit: PlatformLimit
) -> None:
    for _ in range(3):
        factory.make_center(owning_email="it@aurora.example")
    data = center(
        owner="client", client=str(aurora.pk), owning_email="IT@aurora.example"
    )
    page = owners_desk.post(reverse(ADD_CENTER), data, follow=True).text
    assert "now owns 4 Business Centers; the limit is 3" in page
    assert "TikTok help, Create a Business Center, checked 2 November" in page
    assert BusinessCenter.objects.filter(external_id=ID).exists()


def test_it_does_not_warn_of_a_third(
    owners_desk: HttpsClient, factory: Factory, aurora: Client, limit: PlatformLimit
) -> None:
    for _ in range(2):
        factory.make_center(owning_email="it@aurora.example")
    data = center(
        owner="client", client=str(aurora.pk), owning_email="it@aurora.example"
    )
    assert (
        "the limit is"
        not in owners_desk.post(reverse(ADD_CENTER), data, follow=True).text
    )


def test_only_access_owners_are_offered_to_connect(
    desk: HttpsClient, priya: User
) -> None:
    url = reverse("admin:accounts_businesscenter_changelist")
    go = reverse("agency_leave", args=["tiktok"])
    assert go not in desk.get(url).text
    assert go in browser_of(priya).get(url).text
    assert desk.post(go).status_code == 403


def test_a_center_names_no_login_of_clients_one_does_not_see(
    desk: HttpsClient, priya: User, factory: Factory, aurora: Client
) -> None:
    shared = factory.make_center(owner="client", client=aurora)
    for client, label in ((aurora, "Sofia Marin"), (None, "Tom of Borealis")):
        login = factory.make_connection(label=label)
        factory.make_consent(client=client or factory.make_client(), connection=login)
        Reach.objects.create(connection=login, asset=shared, can_grant=True)
    url = reverse("admin:accounts_businesscenter_change", args=[shared.pk])
    page = desk.get(url).text
    assert "Sofia Marin" in page
    assert "Tom of Borealis" not in page
    assert "<dt>Logins you do not see</dt><dd>1</dd>" in page
    assert "Tom of Borealis" in browser_of(priya).get(url).text


def test_a_center_names_no_login_to_those_the_keys_are_closed_to(
    factory: Factory, aurora: Client
) -> None:
    theirs = factory.make_center(owner="client", client=aurora)
    login = factory.make_consent(client=aurora).connection
    Reach.objects.create(connection=login, asset=theirs, can_grant=True)
    buyer = factory.make_user(role=MEDIA_BUYERS)
    factory.make_assignment(client=aurora, user=buyer, role="buyer")
    url = reverse("admin:accounts_businesscenter_change", args=[theirs.pk])
    page = browser_of(buyer).get(url)
    assert page.status_code == 200
    assert str(login) not in page.text


def test_it_counts_keys_and_accounts_apart(
    priya: User, factory: Factory, aurora: Client
) -> None:
    ours = factory.make_center(name="Northlight Main")
    receiver = factory.make_receiver(center=ours)
    for _ in range(2):
        key = factory.make_connection()
        Reach.objects.create(connection=key, asset=ours, can_grant=True)
    for state in ("active", "active", "active", "manual"):
        factory.make_grant(grantee=receiver, state=state)
    url = reverse("admin:accounts_businesscenter_changelist")
    center = browser_of(priya).get(url).context["cl"].result_list[0]
    assert (center.readers, center.taken) == (2, 3)


def test_only_access_owners_say_which_centers_there_are(
    desk: HttpsClient, factory: Factory
) -> None:
    """Whoever could call a center ours could send clients' accounts anywhere."""
    assert desk.post(reverse(ADD_CENTER), center(owner="agency")).status_code == 403
    theirs = factory.make_center(owner=BusinessCenter.Owner.UNKNOWN)
    url = reverse("admin:accounts_businesscenter_change", args=[theirs.pk])
    assert desk.post(url, center(owner="agency")).status_code == 403
    theirs.refresh_from_db()
    assert theirs.owner == BusinessCenter.Owner.UNKNOWN


def test_it_moves_no_account_with_grants_to_another_client(
    desk: HttpsClient, factory: Factory, aurora: Client, mira: User
) -> None:
    account_row = factory.make_ad_account(client=aurora)
    factory.make_grant(asset=account_row)
    other = factory.make_client()
    factory.make_assignment(client=other, user=mira)
    url = reverse("admin:accounts_adaccount_change", args=[account_row.pk])
    desk.post(url, {"name": "Renamed", "client": str(other.pk), "owner": "client"})
    account_row.refresh_from_db()
    assert (account_row.name, account_row.client) == ("Renamed", aurora)


def test_it_tells_the_room_left_with_its_dated_limit(
    priya: User, factory: Factory
) -> None:
    PlatformLimit.objects.filter(subject=ACCOUNTS_PER_CENTER).delete()
    PlatformLimit.objects.create(
        platform="tiktok",
        subject=ACCOUNTS_PER_CENTER,
        value=4000,
        source="TikTok help, Business Center limits",
        checked_on=timezone.localdate(),
        is_used=True,
    )
    ours = factory.make_center(name="Northlight Main")
    grantee = factory.make_receiver(center=ours)
    factory.make_grant(grantee=grantee, state="active")
    page = browser_of(priya).get(reverse("admin:accounts_businesscenter_changelist"))
    assert "1 of 4,000 (checked " in page.text
