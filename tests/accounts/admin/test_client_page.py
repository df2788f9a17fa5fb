"""The client's page: what matters first, by center, with our people; never all."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.admin.client_grants import MOST_ACCOUNTS
from accounts.flows import grants
from accounts.models import Asset, Client, Grantee, RoleGrant
from accounts.platforms.roles import Role
from accounts.rows import MOST_PEOPLE
from accounts.trail import Actor, record
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State


@pytest.fixture
def receiver(factory: Factory) -> Grantee:
    return factory.make_receiver(label="Northlight Agency")


@pytest.fixture
def give(factory: Factory, aurora: Client, receiver: Grantee):
    """Make a grant of Aurora's; `center` is the client's own."""

    def make(name: str, state: str = State.ACTIVE, *, center=None, **fields):
        account = factory.make_ad_account(name=name, client=aurora, center=center)
        return factory.make_grant(
            asset=account, grantee=receiver, state=state, **fields
        )

    return make


@pytest.fixture
def put_on(factory: Factory):
    """Put a colleague on an account, by its center's grant."""

    def make(name: str, grant: RoleGrant, **fields) -> RoleGrant:
        person = factory.make_receiver(
            center=factory.make_center(), kind=Grantee.Kind.PERSON, label=name
        )
        return factory.make_grant(
            **{"asset": grant.asset, "grantee": person, "via": grant, **fields}
        )

    return make


def page_of(client: Client) -> str:
    return reverse("admin:accounts_client_change", args=[client.pk])


def panel(desk: HttpsClient, client: Client, title: str) -> str:
    panels = desk.get(page_of(client)).context["desk_panels"]
    return next((one["html"] for one in panels if one["title"] == title), "")


def in_order(html: str, *words: str) -> bool:
    places = [html.find(word) for word in words]
    return -1 not in places and places == sorted(places)


def test_what_was_found_is_no_account_yet(desk, aurora: Client, give) -> None:
    give("Known")
    give("Stranger", State.FOUND, asked_role="", waits_on="account_manager")
    assert "Stranger" not in panel(desk, aurora, "Accounts")
    found = panel(desk, aurora, "Found, never asked")
    assert "Stranger" in found
    assert f"{reverse('admin:accounts_adopt')}?client={aurora.pk}" in found


def test_nothing_found_shows_no_card(desk, aurora: Client, give) -> None:
    give("Known")
    assert panel(desk, aurora, "Found, never asked") == ""


def test_trouble_stands_before_waiting_before_green(desk, aurora, give) -> None:
    give("Alpha green")
    give("Beta waits", State.MANUAL, waits_on="account_manager")
    give("Gamma lost", State.LOST, waits_on="account_manager")
    html = panel(desk, aurora, "Accounts")
    assert in_order(html, "Gamma lost", "Beta waits", "Alpha green")


def test_of_several_centers_each_account_names_its_own(
    desk, aurora: Client, factory, give
) -> None:
    italy, austria = (
        factory.make_center(name=name, owner=Asset.Owner.CLIENT, client=aurora)
        for name in ("Aurora Italia", "Aurora Austria")
    )
    give("Roma", center=italy)
    give("Wien", center=austria)
    html = panel(desk, aurora, "Accounts")
    assert in_order(html, "Roma", "Aurora Italia", "Wien", "Aurora Austria")


def test_one_center_goes_without_saying(desk, aurora: Client, factory, give) -> None:
    give("Roma", center=factory.make_center(name="Aurora Italia", client=aurora))
    assert "Aurora Italia" not in panel(desk, aurora, "Accounts")


def test_accounts_stand_under_who_acts_next(desk, aurora, give, put_on) -> None:
    give("Over now", State.WITHDRAWN)
    put_on("Jonas Lind", give("Works well"), state=State.ACTIVE)
    give("Being read", State.UNVERIFIED, waits_on="platform")
    give("At the client's", State.PENDING, waits_on="client")
    give("Ours to do", State.MANUAL, waits_on="account_manager")
    assert in_order(
        panel(desk, aurora, "Accounts"),
        *("You act next", "Ours to do"),
        *(f"{aurora} acts next", "At the client&#x27;s"),
        *("The portal acts next", "Being read"),
        *("Works: nobody has to act", "Works well"),
        *("Over", "Over now"),
    )


def test_a_share_nobody_of_ours_is_on_is_the_managers_turn(desk, aurora, give) -> None:
    give("Shared with nobody on it")
    html = panel(desk, aurora, "Accounts")
    assert in_order(html, "You act next", "Shared with nobody on it")


def test_a_colleague_in_trouble_is_the_accounts_trouble(
    desk, aurora, give, put_on
) -> None:
    grant = give("Half well")
    put_on("Jonas Lind", grant, state=State.DRIFTED, waits_on="access_owner")
    html = panel(desk, aurora, "Accounts")
    assert in_order(html, "The access owner acts next", "Half well")


def test_our_people_stand_under_their_account(desk, aurora, give, put_on) -> None:
    grant = give("Roma")
    for n in range(MOST_PEOPLE + 2):
        put_on(f"Colleague at work {n}", grant, state=State.ACTIVE)
    html = panel(desk, aurora, "Accounts")
    assert html.count("Colleague at work") == MOST_PEOPLE
    assert "2 more people" in html


def test_it_draws_the_first_and_leads_to_all(desk, aurora: Client, give) -> None:
    for n in range(MOST_ACCOUNTS + 1):
        give(f"Number {n:02}")
    html = panel(desk, aurora, "Accounts")
    assert html.count("<h3><a") == MOST_ACCOUNTS
    assert f"All {MOST_ACCOUNTS + 1}" in html
    url = f"{reverse('admin:accounts_rolegrant_changelist')}?client={aurora.pk}"
    assert url in html
    assert desk.get(url).context["cl"].result_count == MOST_ACCOUNTS + 1


def test_a_strangers_client_filters_nothing_in(desk, aurora, factory, give) -> None:
    give("Roma")
    stranger = factory.make_grant().asset.client
    url = f"{reverse('admin:accounts_rolegrant_changelist')}?client={stranger.pk}"
    page = desk.get(url)
    assert page.context["cl"].result_count == 1  # what Mira sees, unfiltered
    assert stranger.name not in page.text


@pytest.mark.parametrize("wanted", ["", "nobody", "0"])
def test_no_client_of_that_key_is_no_error(desk, wanted: str) -> None:
    url = f"{reverse('admin:accounts_rolegrant_changelist')}?client={wanted}"
    assert desk.get(url).status_code == 200


def test_the_longest_wait_is_the_next_act(desk, aurora, factory, give) -> None:
    factory.make_contact(client=aurora)
    for days, name in ((1, "Younger"), (5, "Older")):
        since = timezone.now() - dt.timedelta(days=days)
        give(name, State.MANUAL, waits_on="account_manager", since=since)
    page = desk.get(page_of(aurora))
    banner = page.context["desk_banner"]
    assert banner["title"] == "Next, on Older: Mira Okafor finishes it by hand."
    filled = [act for act in page.context["desk_acts"] if act["is_main"]]
    assert filled == []  # the banner's own button is the one


def test_what_stands_in_the_way_first_has_its_card(desk, aurora, give) -> None:
    give("Waits", State.MANUAL, waits_on="account_manager")
    give(
        *("Roma", State.DRIFTED),
        waits_on="account_manager",
        observed_role="analyst",
        observed_native="ANALYST",
    )
    assert "Analyst; we asked for Operator" in panel(
        desk, aurora, "Roma: Not as agreed"
    )


def test_nothing_in_the_way_has_no_card(desk, aurora, give) -> None:
    give("Roma")
    page = desk.get(page_of(aurora))
    titles = [one["title"] for one in page.context["desk_panels"]]
    assert not any(title.startswith("Roma") for title in titles)


def test_a_share_nobody_works_on_is_the_next_act(desk, aurora, factory, give) -> None:
    factory.make_contact(client=aurora)
    give("Roma")
    page = desk.get(page_of(aurora))
    banner = page.context["desk_banner"]
    assert banner["title"] == "Next: put our people on Roma."
    assert [act["label"] for act in page.context["desk_acts"] if act["is_main"]] == [
        "Staff the accounts"
    ]


@pytest.mark.parametrize("state", [State.FOUND, State.LOST])
def test_who_is_merely_found_on_one_account_staffs_none(
    desk, aurora, factory, give, put_on, state: str
) -> None:
    factory.make_contact(client=aurora)
    for name in ("Milano", "Roma", "Torino", "Verona", "Wien"):
        grant = give(name)
        if name == "Roma":
            put_on("Jonas Lind", grant, state=State.ACTIVE)
        elif name == "Torino":
            put_on("Jonas Lind", grant, state=state)
    title = desk.get(page_of(aurora)).context["desk_banner"]["title"]
    assert title == "Next: put our people on Milano, Torino, Verona and 1 more."


def test_who_is_being_put_on_is_no_next_act(
    desk, aurora, factory, give, put_on
) -> None:
    factory.make_contact(client=aurora)
    put_on("Jonas Lind", give("Roma"), state=State.REQUESTING)
    assert desk.get(page_of(aurora)).context["desk_banner"] is None


def test_our_people_stand_in_one_order_on_every_account(
    desk, aurora, give, put_on
) -> None:
    for name, order in (("Roma", "first last"), ("Wien", "last first")):
        grant = give(name)
        for n, who in enumerate(order.split()):
            since = timezone.now() - dt.timedelta(days=n)
            person = {"first": "Ida Berg", "last": "Jonas Lind"}[who]
            put_on(person, grant, state=State.ACTIVE, since=since)
    html = panel(desk, aurora, "Accounts")
    assert in_order(html, "Ida Berg", "Jonas Lind")
    assert in_order(html[html.find("Jonas Lind") + 1 :], "Ida Berg", "Jonas Lind")


def test_an_account_without_a_name_says_its_id_once(desk, aurora, factory) -> None:
    account = factory.make_ad_account(client=aurora, name="")
    factory.make_grant(asset=account, state=State.ACTIVE)
    assert panel(desk, aurora, "Accounts").count(account.external_id) == 1


def test_what_happened_again_and_again_is_told_in_one_row(owners_desk, aurora) -> None:
    for _ in range(4):
        told = {"status": "Onboarding"}
        by = Actor.system("test")
        record("client.moved", by=by, subject=aurora, client=aurora, data=told)
    html = panel(owners_desk, aurora, "Story")
    assert html.count("is now: Onboarding") == 1
    assert "4 times" in html


def test_it_costs_the_same_at_any_size(desk, aurora, give, put_on) -> None:
    from tests.walks.test_queries import queries_of

    counts = []
    for n in (2, 40):
        for m in range(n):
            grant = give(f"Account {n} {m}")
            put_on("Somebody", grant, state=State.ACTIVE)
            give(f"Found {n} {m}", State.FOUND, asked_role="")
        counts.append(len(queries_of(desk, page_of(aurora))))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("state", "is_sandbox", "title"),
    [("active", True, "A sandbox account"), ("declined", False, "Declined")],
)
def test_what_waits_for_nobody_has_its_card_too(
    desk, factory: Factory, aurora: Client, state: str, is_sandbox: bool, title: str
) -> None:
    account = factory.make_ad_account(client=aurora, is_sandbox=is_sandbox)
    factory.make_grant(asset=account, state=state)
    assert f"{account}: {title}" in titles_of(desk, aurora)


def test_what_was_declined_and_is_asked_for_anew_has_no_card(
    desk, factory: Factory, aurora: Client
) -> None:
    account = factory.make_ad_account(client=aurora)
    declined = factory.make_grant(asset=account, state="declined")
    factory.make_grant(asset=account, grantee=declined.grantee, state="draft")
    assert f"{account}: Declined" not in titles_of(desk, aurora)


def titles_of(desk, client: Client) -> list[str]:
    page = desk.get(reverse("admin:accounts_client_change", args=[client.pk]))
    return [one["title"] for one in page.context["desk_panels"]]


def test_what_was_given_up_waits_for_nobody_once_it_is_asked_for_anew(
    desk, factory: Factory, aurora: Client, mira
) -> None:
    account = factory.make_ad_account(client=aurora)
    given_up = factory.make_grant(
        asset=account, state="failed", waits_on="account_manager"
    )
    grants.want(
        asset=account,
        grantee=given_up.grantee,
        role=Role.OPERATOR,
        source="link",
        by=Actor.staff(mira),
    )
    given_up.refresh_from_db()
    assert given_up.waits_on == ""
    assert given_up.state == "failed"
