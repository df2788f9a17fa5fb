"""Methods A and B at the desk, and the page the client of Method B reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.flows import grants
from accounts.models import Client, Grantee, RoleGrant, User
from accounts.trail import Actor
from onboarding.flows import links, requests
from onboarding.models import AccessLink, AccessRequest, RequestItem
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

pytestmark = pytest.mark.long

ID, OTHER = "7301846225110446081", "7318820417735294978"
Ask = Callable[..., Any]
State = RoleGrant.State


def page(asked: AccessRequest, name: str = "accessrequest_change") -> str:
    return reverse(f"admin:onboarding_{name}", args=[asked.pk])


@pytest.fixture
def sent(desk: HttpsClient, ask: Ask) -> AccessRequest:
    """A request by Method A that Mira says she has sent."""
    ask(method="method_a", accounts=ID)
    asked = AccessRequest.objects.get()
    desk.post(page(asked, "sent"))
    return asked


def refuse(asked: AccessRequest) -> RoleGrant:
    """Have the owner say no to what the request wants."""
    grant = RoleGrant.objects.get(item_grants__item__request=asked)
    grants.move(
        grant, State.DECLINED, by=Actor.system("test"), waits_on="account_manager"
    )
    return grant


def acts_on(desk: HttpsClient, grant: RoleGrant) -> dict[str, str]:
    url = reverse("admin:accounts_rolegrant_change", args=[grant.pk])
    acts = desk.get(url).context["desk_acts"]
    return {act["label"]: act["url"] for act in acts}


class TestAsking:
    def test_method_a_names_accounts(self, ask: Ask) -> None:
        answer = ask(method="method_a")
        assert answer.status_code == 400
        assert "Method A asks for accounts by their ids." in answer.text
        assert not AccessRequest.objects.exists()

    @pytest.mark.parametrize("state", [State.ACTIVE, State.DRIFTED])
    def test_what_is_ours_is_read_and_not_asked_for(
        self, ask: Ask, factory: Factory, aurora: Client, receiver: Grantee, state: str
    ) -> None:
        ours = factory.make_ad_account(external_id=ID, client=aurora)
        factory.make_grant(
            asset=ours, grantee=receiver, state=state, observed_role="operator"
        )
        answer = ask(method="method_a", accounts=f"{ID} {OTHER}")
        assert answer.status_code == 400
        assert f"{ID} is ours already: Operator" in answer.text
        assert not AccessRequest.objects.exists()

    def test_it_leads_to_the_steps_and_hands_out_no_link(
        self, desk: HttpsClient, ask: Ask, receiver: Grantee
    ) -> None:
        answer = ask(method="method_a", accounts=f"{ID}\n{OTHER}")
        asked = AccessRequest.objects.get()
        assert answer["Location"] == page(asked)
        text = desk.get(page(asked)).text
        for words in (ID, OTHER, receiver.external_id, "Request access", "Operator"):
            assert words in text
        assert "No tool can send Method A" in text
        assert "Assets, Ad Accounts, Add Ad Account, Request Access" in text
        assert "so called since March 2026" in text
        assert "checked" in text.partition("No tool can send Method A")[2][:200]
        assert "Hand out a link" not in text
        assert not AccessLink.objects.exists()

    def test_its_page_speaks_of_no_link(self, desk: HttpsClient, ask: Ask) -> None:
        ask(method="method_a", accounts=ID)
        shown = desk.get(page(AccessRequest.objects.get()))
        panels = {one["title"]: one["html"] for one in shown.context["desk_panels"]}
        assert not {"Hand-outs", "Reminders"} & set(panels)
        for words in ("key", "Reminders", "Link ends"):
            assert words not in panels["What is asked"]
        assert "Request ends" in panels["What is asked"]

    def test_an_invitation_brings_no_key(self, desk: HttpsClient, ask: Ask) -> None:
        ask(method="method_b", accounts=ID)
        text = desk.get(page(AccessRequest.objects.get())).text
        assert "key" not in text.partition("What is asked")[2].partition("</dl>")[0]
        assert "Link ends" in text

    def test_a_change_of_it_leads_to_no_link(
        self, desk: HttpsClient, ask: Ask, form: Callable[..., dict[str, str]]
    ) -> None:
        ask(method="method_a", accounts=ID)
        asked = AccessRequest.objects.get()
        changed = form(method="method_a", accounts=f"{ID} {OTHER}")
        answer = desk.post(page(asked, "edit"), changed)
        assert answer["Location"] == page(asked)

    def test_an_edit_keeps_the_way(
        self, desk: HttpsClient, ask: Ask, form: Callable[..., dict[str, str]]
    ) -> None:
        ask(method="method_a", accounts=ID)
        asked = AccessRequest.objects.get()
        shown = desk.get(page(asked, "edit")).context["form"]
        kept = shown["method"].value()
        desk.post(page(asked, "edit"), form(method=kept, accounts=ID, message="News"))
        assert RequestItem.objects.get().method == "method_a"
        assert RoleGrant.objects.live().get().state == State.MANUAL


class TestSent:
    def test_it_is_said_by_post_alone(self, desk: HttpsClient, ask: Ask) -> None:
        ask(method="method_a", accounts=ID)
        assert desk.get(page(AccessRequest.objects.get(), "sent")).status_code == 405

    def test_the_steps_go_and_the_owner_is_waited_for(
        self, desk: HttpsClient, sent: AccessRequest
    ) -> None:
        text = desk.get(page(sent)).text
        assert "I have sent it" not in text
        assert "Owner must agree" in text

    def test_a_second_word_says_who_was_first(
        self, desk: HttpsClient, sent: AccessRequest
    ) -> None:
        text = desk.post(page(sent, "sent"), follow=True).text
        assert "said so before" in text

    def test_what_is_ours_meanwhile_is_said_and_read(
        self, desk: HttpsClient, sent: AccessRequest, factory: Factory
    ) -> None:
        item = RequestItem.objects.get()
        item.item_grants.all().delete()
        held = factory.make_grant(
            asset=factory.make_ad_account(client=item.client),
            grantee=item.receiver,
            state=State.ACTIVE,
        )
        item.item_grants.create(grant=held)
        text = desk.post(page(sent, "sent"), follow=True).text
        assert f"{held.asset.external_id} is ours already: Operator" in text

    def test_what_was_refused_is_on_the_front_page(
        self, desk: HttpsClient, sent: AccessRequest
    ) -> None:
        refused = refuse(sent)
        shown = desk.get(reverse("admin:index")).context
        (row,) = shown["needs_you"]
        assert (row["act"]["label"], shown["needs_you_total"]) == ("Ask again", 1)
        grant_page = desk.get(row["url"]).context
        assert "asks again, or closes it" in grant_page["desk_banner"]["title"]
        assert acts_on(desk, refused)["Ask again"].startswith(page(sent, "switch"))

    def test_it_is_asked_for_again_from_there(
        self, desk: HttpsClient, sent: AccessRequest
    ) -> None:
        refused = refuse(sent)
        url = acts_on(desk, refused)["Ask again"]
        form = desk.get(url).context["form"]
        filled = {name: form[name].value() for name in ("method", "accounts")}
        text = desk.post(url, filled, follow=True).text
        assert "I have sent it" in text
        assert f"asks again for {ID}" in text
        assert "Ask again" not in acts_on(desk, refused)

    def test_after_the_request_it_is_asked_for_as_it_was(
        self, desk: HttpsClient, sent: AccessRequest
    ) -> None:
        refused = refuse(sent)
        requests.close(sent, "expired", by=Actor.system("test"))
        form = desk.get(acts_on(desk, refused)["Ask again"]).context["form"]
        assert form["accounts"].value() == ID
        assert form["method"].value() == "method_a"

    def test_it_is_closed_once_somebody_says_so(
        self, desk: HttpsClient, sent: AccessRequest
    ) -> None:
        refused = refuse(sent)
        url = acts_on(desk, refused)["Close it"]
        assert "Close" in desk.get(url).text
        text = desk.post(url, {"reason": "A sister company"}, follow=True).text
        assert "A sister company" in text
        assert desk.get(reverse("admin:index")).context["needs_you"] == []
        assert "Close it" not in acts_on(desk, refused)
        assert desk.get(url).status_code == 302

    def test_nothing_is_sent_of_what_is_over(self, desk: HttpsClient, ask: Ask) -> None:
        ask(method="method_a", accounts=ID)
        asked = AccessRequest.objects.get()
        desk.post(page(asked, "cancel"))
        assert (
            "This request is over." in desk.post(page(asked, "sent"), follow=True).text
        )
        assert (
            "This request is over." in desk.get(page(asked, "switch"), follow=True).text
        )


class TestSwitch:
    def test_method_a_names_accounts(self, desk: HttpsClient, ask: Ask) -> None:
        ask()
        asked = AccessRequest.objects.get()
        answer = desk.post(page(asked, "switch"), {"method": "method_a"})
        assert answer.status_code == 400
        assert "Method A asks for accounts by their ids." in answer.text
        assert RequestItem.objects.get().method == "link"

    def test_an_account_of_somebody_else_stops_it(
        self, desk: HttpsClient, ask: Ask, factory: Factory
    ) -> None:
        factory.make_ad_account(external_id=ID)
        ask()
        sent = {"method": "method_a", "accounts": ID}
        answer = desk.post(page(AccessRequest.objects.get(), "switch"), sent)
        assert f"{ID} is already recorded" in answer.text
        assert RequestItem.objects.get().method == "link"

    def test_the_same_way_changes_nothing(
        self, desk: HttpsClient, sent: AccessRequest
    ) -> None:
        form = {"method": "method_a", "accounts": ID}
        text = desk.post(page(sent, "switch"), form, follow=True).text
        assert "It is asked for that way already" in text

    def test_it_tells_the_story(self, desk: HttpsClient, sent: AccessRequest) -> None:
        form = {"method": "method_b", "accounts": ID, "reason": "They never saw it."}
        text = desk.post(page(sent, "switch"), form, follow=True).text
        assert "Hand out the new one" in text
        assert "They never saw it." in text
        assert "Method B: the client invites us" in text


class TestInvitation:
    @pytest.fixture
    def link(self, ask: Ask) -> str:
        ask(method="method_b", accounts=ID)
        AccessLink.objects.all().delete()
        asked = AccessRequest.objects.get()
        way = AccessLink.HandOut.COPY
        url: str = links.hand_out(asked, way, by=Actor.system("test")).url
        return "/l/" + url.partition("/l/")[2]

    def test_a_colleague_sees_it_and_cannot_press(
        self, desk: HttpsClient, link: str
    ) -> None:
        text = desk.get(link).text
        assert "Preview." in text
        assert "disabled>I have invited you" in text
        url = f"{link}invited/{RequestItem.objects.get().pk}/"
        assert desk.post(url).status_code == 403
        assert AccessLink.objects.get().started_at is None

    def test_it_says_whom_to_invite_and_to_what(
        self, link: str, receiver: Grantee
    ) -> None:
        text = HttpsClient().get(link).text
        for words in (receiver.external_id, ID, "Operator", "Add partner"):
            assert words in text
        assert "Connect TikTok" not in text

    def test_no_sign_in_starts_there(self, link: str) -> None:
        url = f"{link}start/{RequestItem.objects.get().pk}/"
        assert HttpsClient().post(url).status_code == 404

    def test_the_word_is_taken_once_and_waits_for_our_admin(
        self, desk: HttpsClient, link: str
    ) -> None:
        guest, item = HttpsClient(), RequestItem.objects.get()
        answer = guest.post(f"{link}invited/{item.pk}/")
        assert (answer.status_code, answer["Location"]) == (303, link)
        text = guest.get(link).text
        assert "You told us so" in text
        assert "I have invited you" not in text
        grant = RoleGrant.objects.get()
        assert (grant.state, grant.waits_on) == (State.PENDING, "center_admin")
        steps = desk.get(page(item.request)).text
        assert "Accept us in" in steps
        assert "Open Users, then Partners." in steps

    def test_the_center_they_name_must_be_a_number(
        self, desk: HttpsClient, link: str
    ) -> None:
        asked = AccessRequest.objects.get()
        sent = {"giver_id": "Halden"}
        text = desk.post(page(asked, "look"), sent, follow=True).text
        assert "A Business Center id has 15 to 20 digits" in text
        assert RequestItem.objects.get().giver_id == ""

    def test_what_their_center_gave_is_an_owners_to_adopt_for_them(
        self, desk: HttpsClient, link: str, factory: Factory, priya: User
    ) -> None:
        item = RequestItem.objects.get()
        RequestItem.objects.update(giver_id=OTHER)
        center = factory.make_center(external_id=OTHER, owner="unknown", name="Halden")
        account = factory.make_ad_account(client=None, owner="unknown", center=center)
        found = factory.make_grant(
            asset=account,
            grantee=item.receiver,
            state=State.FOUND,
            source="found",
            accepted_at=timezone.now(),
        )
        text = desk.get(page(item.request)).text
        assert "An access owner adopts it for Aurora Wines." in text
        assert "Adopt for" not in text
        owner = browser_of(priya)
        assert "Adopt for Aurora Wines" in owner.get(page(item.request)).text
        url = f"{reverse('admin:accounts_adopt')}?grants={found.pk}&whose="
        form = owner.get(f"{url}{item.client.pk}").context["form"]
        assert form["client"].value() == str(item.client.pk)

    def test_a_way_that_was_left_leads_nowhere(
        self, desk: HttpsClient, link: str
    ) -> None:
        item = RequestItem.objects.get()
        desk.post(page(item.request, "switch"), {"method": "link", "accounts": ID})
        assert HttpsClient().post(f"{link}invited/{item.pk}/").status_code == 404
