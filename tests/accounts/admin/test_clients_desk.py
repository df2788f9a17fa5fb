"""The client's desk: whom it shows what, and what a save leaves on the trail."""

from __future__ import annotations

import json

import pytest
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.admin.base import Desk
from accounts.models import (
    Assignment,
    Client,
    Contact,
    Event,
    EventPayload,
    User,
)
from accounts.trail import describe
from accounts.trail.vocabulary import known_actions
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

ADD = "admin:accounts_client_add"


def form_for(client: Client | None = None, **changes: str) -> dict[str, str]:
    """Return the posted form; `changes` overrides, inlines are left as they are."""
    data = {
        "name": client.name if client else "Borealis Books",
        "vertical": "",
        "time_zone": "",
        "language": "en",
        "default_center": "",
    }
    for prefix in ("contacts", "assignments"):
        rows = list(getattr(client, prefix).all()) if client else []
        data[f"{prefix}-TOTAL_FORMS"] = data[f"{prefix}-INITIAL_FORMS"] = str(len(rows))
        for number, row in enumerate(rows):
            start = f"{prefix}-{number}-"
            data |= {f"{start}id": str(row.pk), f"{start}client": str(client.pk)}
            if prefix == "assignments":
                data |= {f"{start}user": str(row.user_id), f"{start}role": row.role}
            else:
                data |= {f"{start}name": row.name, f"{start}email": row.email}
                data |= {f"{start}language": "en", f"{start}is_active": "on"}
    return {**data, **changes}


def page_of(client: Client) -> str:
    return reverse("admin:accounts_client_change", args=[client.pk])


def told(action: str) -> dict:
    event = Event.objects.get(action=action)
    return json.loads(EventPayload.objects.get(event_id=event.pk).body)


def test_it_answers_404_for_an_unknown_client(desk: HttpsClient) -> None:
    for pk in ("7b3f4c1e-0000-4000-8000-000000000000", "nonsense"):
        url = reverse("admin:accounts_client_change", args=[pk])
        assert desk.get(url).status_code == 404


def test_it_answers_404_for_a_strangers_client(
    desk: HttpsClient, factory: Factory
) -> None:
    other = factory.make_client(name="Other Ltd")
    assert desk.get(page_of(other)).status_code == 404
    assert desk.post(page_of(other), form_for(other, name="Mine")).status_code == 404
    other.refresh_from_db()
    assert other.name == "Other Ltd"


def test_the_stock_leap_to_the_site_finds_nothing(
    desk: HttpsClient, aurora: Client
) -> None:
    kind = ContentType.objects.get_for_model(aurora).pk
    for pk in (aurora.pk, "7b3f4c1e-0000-4000-8000-000000000000", "nonsense"):
        assert desk.get(f"/admin/r/{kind}/{pk}/").status_code == 404


def test_it_deletes_nothing(desk: HttpsClient, aurora: Client) -> None:
    url = reverse("admin:accounts_client_delete", args=[aurora.pk])
    assert desk.post(url, {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [str(aurora.pk)]}
    desk.post(reverse("admin:accounts_client_changelist"), data)
    assert Client.objects.filter(pk=aurora.pk).exists()


def test_no_desk_deletes_anything(rf, factory: Factory) -> None:
    request = rf.get("/")
    request.user = factory.make_user(is_superuser=True)
    for model, desk in admin.site._registry.items():
        assert isinstance(desk, Desk), model
        assert not desk.has_delete_permission(request), model
        for inline in desk.get_inline_instances(request):
            assert not inline.has_delete_permission(request), inline


def test_it_says_whom_to_ask_about_a_name_that_is_taken(
    desk: HttpsClient, factory: Factory
) -> None:
    theirs = factory.make_client(name="Borealis Books")
    factory.make_user(name="Tom Reyes", serves=theirs)
    page = desk.post(reverse(ADD), form_for(name="borealis books"))
    assert "A client of this name is recorded; ask Tom Reyes." in page.text
    assert str(theirs.pk) not in page.text


class TestNamesAlike:
    def test_a_name_like_that_of_a_client_they_see_is_questioned(
        self, desk: HttpsClient, aurora: Client
    ) -> None:
        page = desk.post(reverse(ADD), form_for(name="Aurora Wines GmbH"))
        assert page.status_code == 200
        assert f'<a href="{page_of(aurora)}">Aurora Wines</a> (led by Mira' in page.text
        assert Client.objects.count() == 1

    def test_a_client_they_do_not_see_is_not_named(
        self, desk: HttpsClient, factory: Factory
    ) -> None:
        theirs = factory.make_client(name="Haldén Outdoor")
        factory.make_user(name="Tom Reyes", serves=theirs)
        page = desk.post(reverse(ADD), form_for(name="Outdoor Haldn Ltd"))
        assert "one you do not see (ask Tom Reyes)" in page.text
        assert "Haldén" not in page.text
        assert str(theirs.pk) not in page.text

    def test_the_box_to_tick_appears_with_the_question(
        self, desk: HttpsClient, aurora: Client
    ) -> None:
        box = 'type="checkbox" name="save_anyway"'
        assert box not in desk.get(reverse(ADD)).text
        page = desk.post(reverse(ADD), form_for(name="Aurora Wine"))
        assert box in page.text

    def test_it_is_saved_when_it_is_meant(
        self, desk: HttpsClient, aurora: Client
    ) -> None:
        data = form_for(name="Aurora Wine", save_anyway="on")
        assert desk.post(reverse(ADD), data).status_code == 302
        assert Client.objects.filter(name="Aurora Wine").exists()

    def test_the_same_name_stays_refused_however_it_is_meant(
        self, desk: HttpsClient, aurora: Client
    ) -> None:
        data = form_for(name="aurora wines", save_anyway="on")
        assert "is recorded; ask Mira Okafor." in desk.post(reverse(ADD), data).text

    def test_a_new_name_for_a_client_is_questioned_too(
        self, desk: HttpsClient, aurora: Client, factory: Factory
    ) -> None:
        factory.make_client(name="Borealis Books")
        page = desk.post(page_of(aurora), form_for(aurora, name="Borealis Book"))
        assert "one you do not see (ask an access owner)" in page.text
        aurora.refresh_from_db()
        assert aurora.name == "Aurora Wines"

    def test_a_name_that_stays_asks_nothing(
        self, desk: HttpsClient, aurora: Client, factory: Factory
    ) -> None:
        factory.make_client(name="Aurora Wines GmbH")
        answer = desk.post(page_of(aurora), form_for(aurora, vertical="Wine"))
        assert answer.status_code == 302

    def test_a_thousand_names_cost_no_more_queries_than_one(
        self, desk: HttpsClient, aurora: Client
    ) -> None:
        desk.get(reverse(ADD))  # the first one warms what a process keeps
        with CaptureQueriesContext(connection) as few:
            desk.post(reverse(ADD), form_for(name="Aurora Wine"))
        Client.objects.bulk_create(Client(name=f"Company {n}") for n in range(1000))
        with CaptureQueriesContext(connection) as many:
            desk.post(reverse(ADD), form_for(name="Aurora Wine"))
        assert len(many) == len(few)


def test_time_zones_and_languages_are_picked(desk: HttpsClient, aurora: Client) -> None:
    page = desk.get(f"{page_of(aurora)}?edit=1").text
    assert page.count('<datalist id="time-zones">') == 1
    assert '<option value="Europe/Berlin">' in page
    assert '<select name="language"' in page


def row(prefix: str, number: int, client: Client, **fields: object) -> dict[str, str]:
    """Return one more row of an inline, as posted."""
    start = f"{prefix}-{number}-"
    posted = {f"{start}{name}": str(value) for name, value in fields.items()}
    total = {f"{prefix}-TOTAL_FORMS": str(number + 1)}
    return {**total, f"{start}client": str(client.pk), **posted}


class TestWhatStandsOnce:
    def test_a_colleague_has_a_role_once(
        self, desk: HttpsClient, aurora: Client, factory: Factory
    ) -> None:
        tom = factory.make_user()
        factory.make_assignment(client=aurora, user=tom, role="buyer")
        more = row("assignments", 2, aurora, user=tom.pk, role="buyer")
        page = desk.post(page_of(aurora), form_for(aurora, **more))
        assert "This colleague has that role here already." in page.text

    def test_a_client_has_one_account_manager(
        self, desk: HttpsClient, aurora: Client, factory: Factory
    ) -> None:
        more = row("assignments", 1, aurora, user=factory.make_user().pk, role="lead")
        page = desk.post(page_of(aurora), form_for(aurora, **more))
        assert "This client already has an account manager." in page.text

    def test_a_client_has_an_address_once(
        self, desk: HttpsClient, aurora: Client, factory: Factory
    ) -> None:
        factory.make_contact(client=aurora, email="sofia@aurora.example")
        twin = {"name": "Sofia", "email": "Sofia@Aurora.example", "language": "en"}
        more = row("contacts", 1, aurora, **twin)
        page = desk.post(page_of(aurora), form_for(aurora, **more))
        assert "This client already has that address." in page.text

    def test_lead_and_deputy_change_places(
        self, desk: HttpsClient, aurora: Client, mira: User, factory: Factory
    ) -> None:
        tom = factory.make_user()
        factory.make_assignment(client=aurora, user=tom, role="deputy")
        data = form_for(aurora)
        roles = [name for name in data if name.endswith("-role")]
        data |= {name: "lead" if data[name] == "deputy" else "deputy" for name in roles}
        assert desk.post(page_of(aurora), data).status_code == 302
        roles_now = dict(aurora.assignments.values_list("user__pk", "role"))
        assert roles_now == {tom.pk: "lead", mira.pk: "deputy"}
        assert not aurora.assignments.exclude(until=None).exists()

    def test_one_source_of_a_limit_is_used(
        self, owners_desk: HttpsClient, factory: Factory
    ) -> None:
        limit = {"platform": "tiktok", "subject": "Members", "value": 3}
        data = {**limit, "source": "TikTok help", "checked_on": "2026-11-02"}
        url = reverse("admin:accounts_platformlimit_add")
        assert owners_desk.post(url, {**data, "is_used": "on"}).status_code == 302
        other = {**data, "source": "The guide", "is_used": "on"}
        page = owners_desk.post(url, other)
        assert "Another source of this limit is used already." in page.text


def test_it_offers_only_our_own_centers_as_receivers(
    desk: HttpsClient, factory: Factory
) -> None:
    factory.make_receiver(label="Northlight Main")
    factory.make_receiver(label="A client's center", standing="client")
    page = desk.get(reverse(ADD)).text
    assert "Northlight Main" in page
    assert "A client&#x27;s center" not in page


def test_whoever_adds_a_client_leads_it(desk: HttpsClient, mira: User) -> None:
    assert desk.post(reverse(ADD), form_for()).status_code == 302
    added = Client.objects.get(name="Borealis Books")
    assert added.lead == mira
    assert added.status == Client.Status.PROSPECT
    assert desk.get(page_of(added)).status_code == 200
    actions = Event.objects.filter(client_key=str(added.pk)).values_list("action")
    assert {action for (action,) in actions} == {"client.added", "assignment.added"}


def test_whoever_is_named_leads_it_instead(desk: HttpsClient, factory: Factory) -> None:
    tom = factory.make_user()
    changes = {
        "assignments-TOTAL_FORMS": "1",
        "assignments-0-user": str(tom.pk),
        "assignments-0-role": Assignment.Role.LEAD,
    }
    assert desk.post(reverse(ADD), form_for(**changes)).status_code == 302
    assert Client.objects.get(name="Borealis Books").lead == tom


def test_a_save_is_on_the_trail_with_before_and_after(
    desk: HttpsClient, aurora: Client
) -> None:
    answer = desk.post(page_of(aurora), form_for(aurora, vertical="Wine"))
    assert answer.status_code == 302
    body = told("client.changed")
    assert body["before"] == {"vertical": ""}
    assert body["after"] == {"vertical": "Wine"}
    assert body["by"] == "Mira Okafor"


def test_the_trail_names_what_was_chosen_before(
    desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    before = factory.make_receiver(label="Northlight Main")
    after = factory.make_receiver(label="Northlight South")
    Client.objects.filter(pk=aurora.pk).update(default_center=before)
    desk.post(page_of(aurora), form_for(aurora, default_center=str(after.pk)))
    body = told("client.changed")
    assert body["before"] == {"default_center": "Northlight Main"}
    assert body["after"] == {"default_center": "Northlight South"}


def test_a_save_that_changes_nothing_is_no_event(
    desk: HttpsClient, aurora: Client
) -> None:
    assert desk.post(page_of(aurora), form_for(aurora)).status_code == 302
    assert not Event.objects.filter(action="client.changed").exists()


def test_a_save_reads_as_a_sentence(desk: HttpsClient, aurora: Client) -> None:
    desk.post(page_of(aurora), form_for(aurora, vertical="Wine"))
    said = describe(Event.objects.filter(action="client.changed"))
    assert said[0][1] == "Mira Okafor changed the client Aurora Wines: Vertical."


def test_a_new_contact_is_on_the_trail(desk: HttpsClient, aurora: Client) -> None:
    changes = {
        "contacts-TOTAL_FORMS": "1",
        "contacts-0-client": str(aurora.pk),
        "contacts-0-name": "Sofia Marin",
        "contacts-0-email": "sofia@aurora.example",
        "contacts-0-language": "en",
        "contacts-0-is_active": "on",
    }
    desk.post(page_of(aurora), form_for(aurora, **changes))
    assert told("contact.added")["after"]["email"] == "sofia@aurora.example"


def test_every_save_at_a_desk_has_a_sentence(rf, factory: Factory) -> None:
    request = rf.get("/")
    request.user = factory.make_user(is_superuser=True)
    typed = {
        one.model._meta.model_name
        for desk in admin.site._registry.values()
        for one in (desk, *desk.get_inline_instances(request))
        if has_add_permission(one, request)
    }
    wanted = {f"{noun}.{verb}" for noun in typed for verb in ("added", "changed")}
    assert "client.added" in wanted
    assert wanted - known_actions().keys() == set()


def has_add_permission(desk, request) -> bool:
    if isinstance(desk, InlineModelAdmin):
        return desk.has_add_permission(request, None)
    return desk.has_add_permission(request)


def test_contacts_are_not_shown_to_those_who_may_not_open_them(
    factory: Factory, aurora: Client
) -> None:
    factory.make_contact(client=aurora, email="sofia@aurora.example")
    buyer = factory.make_user(role="Media buyers")
    factory.make_assignment(client=aurora, user=buyer, role="buyer")
    browser = HttpsClient()
    browser.sign_in(buyer)
    page = browser.get(page_of(aurora))
    assert page.status_code == 200
    assert "sofia@aurora.example" not in page.text


@pytest.fixture
def refused(factory: Factory, aurora: Client) -> Contact:
    return factory.make_contact(
        client=aurora,
        name="Sofia Marin",
        email="sofia@aurora.example",
        is_primary=True,
        email_problem="The mail server did not take the letter.",
    )


def test_it_says_that_who_decides_gets_no_letters(
    desk: HttpsClient, aurora: Client, refused: Contact
) -> None:
    page = desk.get(page_of(aurora))
    assert page.context["desk_banner"]["title"] == "Sofia Marin gets no letters."
    assert page.text.count("The mail server did not take the letter.") == 2


def test_a_refused_letter_to_another_contact_stands_beside_the_name_alone(
    desk: HttpsClient, aurora: Client, refused: Contact
) -> None:
    Contact.objects.update(is_primary=False)
    page = desk.get(page_of(aurora))
    assert page.context["desk_banner"] is None
    assert page.text.count("The mail server did not take the letter.") == 1


def test_it_tells_nothing_of_letters_to_those_who_may_not_see_contacts(
    factory: Factory, aurora: Client, refused: Contact
) -> None:
    buyer = factory.make_user(role="Media buyers")
    factory.make_assignment(client=aurora, user=buyer, role="buyer")
    page = browser_of(buyer).get(page_of(aurora))
    assert "The mail server did not take the letter." not in page.text


def test_another_address_has_refused_nothing_yet(
    desk: HttpsClient, aurora: Client, refused: Contact
) -> None:
    changes = {"contacts-0-email": "s.marin@aurora.example"}
    desk.post(page_of(aurora), form_for(aurora, **changes))
    refused.refresh_from_db()
    assert (refused.email, refused.email_problem) == ("s.marin@aurora.example", "")


@pytest.mark.parametrize(("may_sign_in", "permission"), [(True, True), (False, False)])
def test_a_role_gives_permissions_a_person_alone_has_none(
    factory: Factory, may_sign_in: bool, permission: bool
) -> None:
    role = "Access owners" if may_sign_in else ""
    user = factory.make_user(role=role)
    user.user_permissions.add(Permission.objects.get(codename="add_user"))
    assert user.has_perm("accounts.add_user") is permission


def test_it_says_who_serves_while_the_lead_is_away(
    desk: HttpsClient, aurora: Client, mira: User, factory: Factory
) -> None:
    deputy = factory.make_user(name="Tom Vega")
    factory.make_assignment(client=aurora, user=deputy, role="deputy")
    assert "Stands by" in desk.get(page_of(aurora)).text
    mira.away_until = mira.today
    mira.save()
    day = f"{mira.away_until:%-d %B}"
    page = desk.get(page_of(aurora)).text
    assert f"Serves while Mira Okafor is away until {day}" in page
    assert f"Away until {day}" in page


def test_it_says_that_the_deputy_serves_where_nobody_leads(
    owners_desk: HttpsClient, aurora: Client, factory: Factory
) -> None:
    factory.make_assignment(client=aurora, role="deputy")
    assert "Serves now: nobody leads" in owners_desk.get(page_of(aurora)).text


class TestStandingIn:
    @pytest.fixture
    def deputy(self, aurora: Client, mira: User, factory: Factory) -> User:
        """At work while Mira, who leads, is away."""
        user = factory.make_user(name="Tom Vega")
        factory.make_assignment(client=aurora, user=user, role="deputy")
        mira.away_until = mira.today
        mira.save()
        return user

    def test_a_deputy_makes_no_stay_of_it(self, aurora: Client, deputy: User) -> None:
        more = row("assignments", 2, aurora, user=deputy.pk, role="buyer")
        browser_of(deputy).post(page_of(aurora), form_for(aurora, **more))
        roles = aurora.assignments.filter(user=deputy).values_list("role", flat=True)
        assert list(roles) == ["deputy"]

    def test_a_deputy_ends_nobodys_assignment(
        self, aurora: Client, mira: User, deputy: User
    ) -> None:
        data = form_for(aurora, vertical="Drinks")
        names = [name for name in data if name.endswith("-role")]
        data |= {name: "deputy" if data[name] == "lead" else "lead" for name in names}
        data |= {name.replace("role", "until"): "2026-01-01" for name in names}
        assert browser_of(deputy).post(page_of(aurora), data).status_code == 302
        aurora.refresh_from_db()
        assert aurora.vertical == "Drinks"
        assert aurora.lead == mira
        assert not aurora.assignments.exclude(until=None).exists()
        assert not Event.objects.filter(action="assignment.changed").exists()

    def test_a_deputy_sees_who_serves(self, aurora: Client, deputy: User) -> None:
        page = browser_of(deputy).get(f"{page_of(aurora)}?edit=1").text
        assert "Mira Okafor" in page
        assert 'name="assignments-0-role"' not in page


def test_the_list_counts_accounts_as_the_page_does(factory: Factory) -> None:
    client = factory.make_client()
    account = factory.make_ad_account(client=client)
    center = factory.make_grant(asset=account, state="active")
    for _ in range(3):
        person = factory.make_receiver(kind="person", center=None)
        factory.make_grant(asset=account, grantee=person, via=center, state="active")
    for state, waits_on in (
        ("lost", "account_manager"),
        ("unverified", "platform"),
        ("found", "account_manager"),
        ("withdrawn", ""),
    ):
        other = factory.make_ad_account(client=client)
        factory.make_grant(asset=other, state=state, waits_on=waits_on)
    browser = HttpsClient()
    browser.sign_in(factory.make_user(role="Access owners"))
    page = browser.get(reverse("admin:accounts_client_changelist"))
    [row] = page.context["cl"].result_list
    assert row.grants == {**row.grants, "live": 3, "fresh": 1, "waiting": 1}
    whole = browser.get(reverse("admin:accounts_client_change", args=[client.pk])).text
    assert "1 of 3 read back today" in whole


def test_edit_is_the_form_alone_and_leads_back_to_the_page(desk, aurora) -> None:
    page = page_of(aurora)
    assert 'href="?edit=1"' in desk.get(page).text
    form = desk.get(f"{page}?edit=1")
    assert "desk_panels" not in form.context
    assert form.context["title"] == f"Edit {aurora}"
    saved = desk.post(page, form_for(aurora, _save="Save"))
    assert saved.url == page
