"""What requests add to the client's page stands among the desk's own panels."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import Client
from tests.base import HttpsClient


def test_a_page_draws_its_own_panels_and_the_added_in_order(
    desk: HttpsClient, aurora: Client
) -> None:
    page = desk.get(reverse("admin:accounts_client_change", args=[aurora.pk]))
    titles = [panel["title"] for panel in page.context["desk_panels"]]
    assert titles == ["Accounts", "Requests", "Keys", "People", "Story"]
