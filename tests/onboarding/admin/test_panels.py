"""What requests add to the client's page stands among the desk's own panels."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from accounts.models import Client
from accounts.trail import Actor, record
from tests.base import HttpsClient
from tests.factory import Factory


def test_a_page_draws_its_own_panels_and_the_added_in_order(
    desk: HttpsClient, aurora: Client
) -> None:
    page = desk.get(reverse("admin:accounts_client_change", args=[aurora.pk]))
    titles = [panel["title"] for panel in page.context["desk_panels"]]
    assert titles == ["Accounts", "Requests", "Keys", "People", "Story"]


def test_a_requests_story_tells_only_of_clients_one_sees(
    desk: HttpsClient, factory: Factory, aurora: Client
) -> None:
    asked = factory.make_item(request=factory.make_request(client=aurora)).request
    other = factory.make_client()
    with transaction.atomic():
        for client, name in ((aurora, "Aurora Wines"), (other, "Borealis Books")):
            by, told = Actor.system(), {"client": name}
            record("request.made", by=by, subject=asked, client=client, data=told)
    url = reverse("admin:onboarding_accessrequest_change", args=[asked.pk])
    panels = desk.get(url).context["desk_panels"]
    story = next(one["html"] for one in panels if one["title"] == "Story")
    assert story.count("</time>") == 1
