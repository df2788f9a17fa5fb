"""What hangs in the admin, and what packages may not hang there."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from accounts.admin.base import Desk
from agencyportal.site import PortalAdminSite
from tests.base import HttpsClient
from tests.factory import Factory


def test_every_desk_is_ours() -> None:
    foreign = [m for m, d in admin.site._registry.items() if not isinstance(d, Desk)]
    assert foreign == []


@pytest.mark.parametrize("model", ["schedule", "ormq", "success", "failure"])
def test_nobody_types_a_job(model: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:django_q_{model}_changelist")


def test_it_is_the_site_of_the_portal(factory: Factory) -> None:
    assert isinstance(admin.site._wrapped or admin.site, PortalAdminSite)
    browser = HttpsClient()
    browser.sign_in(factory.make_user())
    page = browser.get(reverse("admin:index"))
    assert page.context["title"] == "Today"
    assert page.context["places"]
