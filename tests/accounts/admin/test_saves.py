"""Whatever is saved at any desk stands on the trail, with what was and what is.

The desks are those of the registry: a new one that may be written needs a row here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.admin.base import Desk, SeenDesk
from accounts.models import Event, EventPayload, PlatformLimit, Team, User
from accounts.roles import AUDITORS
from tests.base import HttpsClient
from tests.factory import Factory

# Model of a desk or of its inline: the field to change, and to what.
CHANGES: dict[str, tuple[str, Any]] = {
    "client": ("vertical", "Drinks"),
    "contact": ("job", "Head of growth"),
    "assignment": ("until", "2031-01-31"),
    "adaccount": ("name", "Another name"),
    "businesscenter": ("name", "Another name"),
    "creator": ("name", "Another Name"),
    "member": ("name", "Another Name"),
    "team": ("name", "Another team"),
    "teamplace": ("role", "analyst"),
    "platformlimit": ("source", "TikTok help"),
    "user": ("name", "Another Name"),
}


# What an inline's rows are called in its form, where not as its model.
ROWS = {"teamplace": "places"}


def desks() -> Iterator[Any]:
    admin.autodiscover()
    for desk in admin.site._registry.values():
        if not isinstance(desk, SeenDesk):
            yield desk


def written() -> list[str]:
    """Return every model somebody may save at a desk, its own or an inline's."""
    names = set()
    for desk in desks():
        names |= {model._meta.model_name for model in (desk.model, *_inlined(desk))}
    return sorted(names)


def _inlined(desk: Any) -> list[Any]:
    return [inline.model for inline in desk.inlines]


@pytest.fixture
def boss(factory: Factory) -> User:
    return factory.make_user(name="Boss", role="", is_superuser=True)


@pytest.fixture
def browser(boss: User) -> HttpsClient:
    browser = HttpsClient()
    browser.sign_in(boss)
    return browser


@pytest.fixture
def rows(factory: Factory) -> dict[str, Any]:
    """One row of every model that may be written."""
    client = factory.make_client()
    limit = PlatformLimit.objects.create(
        platform="tiktok",
        subject="Something",
        value=3,
        source="A page",
        checked_on=timezone.localdate(),
    )
    member, team = factory.make_member(), Team.objects.create(name="Search")
    return {
        "client": client,
        "contact": factory.make_contact(client=client),
        "assignment": factory.make_assignment(client=client),
        "adaccount": factory.make_ad_account(client=client),
        "businesscenter": factory.make_center(),
        "creator": factory.make_creator(),
        "member": member,
        "team": team,
        "teamplace": team.places.create(member=member),
        "platformlimit": limit,
        "user": factory.make_user(name="Mira Okafor"),
    }


def form_of(browser: HttpsClient, url: str) -> dict[str, Any]:
    """Return what the page's form would post if nobody touched it."""
    page = browser.get(url).context
    formsets = [one.formset for one in page["inline_admin_formsets"]]
    forms = [page["adminform"].form]
    for formset in formsets:
        forms += [formset.management_form, *formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = _posted(field.value())
            if value is not None:
                data[field.html_name] = value
    return data


def _posted(value: Any) -> Any:
    if isinstance(value, list | QuerySet):
        return [getattr(one, "pk", one) for one in value]
    if value is False or value is None:
        return None
    return "on" if value is True else str(value)


def page_of(row: Any) -> str:
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def page_with(row: Any) -> Any:
    """Return the row whose page has the form of this one."""
    if admin.site.is_registered(type(row)):
        return row
    return getattr(row, "client", None) or row.team


def told(action: str) -> dict[str, Any]:
    event = Event.objects.get(action=action)
    return json.loads(EventPayload.objects.get(event_id=event.pk).body)


def test_every_desk_is_of_the_one_base() -> None:
    assert [desk for desk in desks() if not isinstance(desk, Desk)] == []


def test_no_desk_goes_around_the_base() -> None:
    """These three are where a save becomes an event; whoever overrides calls on."""
    around = [
        desk
        for desk in desks()
        for name in ("log_addition", "log_change", "save_formset")
        if getattr(type(desk), name) is not getattr(Desk, name)
    ]
    assert around == []


def test_no_form_trusts_what_the_browser_says_stood_there(
    rf: Any, boss: User, rows: dict[str, Any]
) -> None:
    request: HttpRequest = rf.get("/")
    request.user = boss
    for desk in desks():
        row = rows[desk.opts.model_name]
        forms = [desk.get_form(request, row)]
        forms += [
            formset.form for formset, _ in desk.get_formsets_with_inlines(request)
        ]
        for form in forms:
            hidden = [n for n, f in form.base_fields.items() if f.show_hidden_initial]
            assert hidden == [], desk


def test_no_inline_deletes(rf: Any, boss: User) -> None:
    request = rf.get("/")
    request.user = boss
    for desk in desks():
        for inline in desk.get_inline_instances(request):
            assert not inline.has_delete_permission(request, None), inline


@pytest.mark.parametrize("name", written())
def test_a_change_is_told_with_what_was_and_what_is(
    browser: HttpsClient, rows: dict[str, Any], name: str
) -> None:
    assert name in CHANGES, f"{name} may be saved at a desk: add it to CHANGES"
    row, (field, value) = rows[name], CHANGES[name]
    page = page_with(row)
    url = f"{page_of(page)}?edit=1"
    data = form_of(browser, url)
    prefix = "" if page is row else f"{ROWS.get(name, f'{name}s')}-0-"
    before = data.get(f"{prefix}{field}", "")
    answer = browser.post(url, {**data, f"{prefix}{field}": value})
    assert answer.status_code == 302, answer.context["errors"]
    body = told(f"{name}.changed")
    assert body["by"] == "Boss"
    assert (body["before"], body["after"]) == ({field: before}, {field: value})
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("name", written())
def test_a_save_that_changes_nothing_is_not_told(
    browser: HttpsClient, rows: dict[str, Any], name: str
) -> None:
    row = rows[name]
    page = page_with(row)
    url = f"{page_of(page)}?edit=1"
    before = Event.objects.count()
    assert browser.post(url, form_of(browser, url)).status_code == 302
    assert Event.objects.count() == before


def test_a_role_given_at_the_desk_is_told_once(
    browser: HttpsClient, rows: dict[str, Any]
) -> None:
    url = f"{page_of(rows['user'])}?edit=1"
    before = Event.objects.count()
    auditors = Group.objects.get(name=AUDITORS)
    browser.post(url, {**form_of(browser, url), "groups": [auditors.pk]})
    body = told("user.changed")
    assert body["before"] == {"groups": ["Account managers"]}
    assert body["after"] == {"groups": ["Auditors"]}
    assert Event.objects.count() == before + 1


def test_a_cell_changed_in_a_list_is_told(
    browser: HttpsClient, rows: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No list has such cells today; one that gets them is told by the base."""
    desk = admin.site.get_model_admin(PlatformLimit)
    monkeypatch.setattr(desk, "list_editable", ("value",))
    limits = list(PlatformLimit.objects.order_by("pk"))
    url = reverse("admin:accounts_platformlimit_changelist")
    formset = browser.get(url).context["cl"].formset
    data = {"form-TOTAL_FORMS": len(limits), "form-INITIAL_FORMS": len(limits)}
    for form in formset.forms:
        is_ours = form.instance == rows["platformlimit"]
        data[f"{form.prefix}-id"] = form.instance.pk
        data[f"{form.prefix}-value"] = 99 if is_ours else form.instance.value
    assert browser.post(url, {**data, "_save": "Save"}).status_code == 302
    body = told("platformlimit.changed")
    assert (body["before"], body["after"]) == ({"value": "3"}, {"value": "99"})
    assert not LogEntry.objects.exists()
