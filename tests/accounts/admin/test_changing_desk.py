"""Change a role, adopt what was found, decide about Admin: each seen before it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.flows import adopting, changing
from accounts.flows.wishes import Wish
from accounts.models import Approval, Asset, Client, GrantChange, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.roles import ACCESS_OWNERS
from tests.accounts.admin.conftest import browser_of
from tests.base import HttpsClient
from tests.factory import Factory

State = RoleGrant.State
ADOPT = "/admin/accounts/rolegrant/adopt/"
LIST = "/admin/accounts/rolegrant/"
SURE = {"sure": "yes"}


def in_days(days: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


def page_of(grant: RoleGrant) -> str:
    return reverse("admin:accounts_rolegrant_change", args=[grant.pk])


def role_url(grant: RoleGrant) -> str:
    return reverse("admin:accounts_rolegrant_role", args=[grant.pk])


def decide_url(change: GrantChange) -> str:
    return reverse("admin:accounts_decide", args=[change.approval_id])


@pytest.fixture
def grant(factory: Factory, aurora: Client) -> RoleGrant:
    account = factory.make_ad_account(client=aurora, name="Aurora Shop")
    return factory.make_grant(
        asset=account, state=State.ACTIVE, observed_native="OPERATOR"
    )


def make_found(factory: Factory, client: Client | None, **fields: Any) -> RoleGrant:
    owner = Asset.Owner.CLIENT if client else Asset.Owner.UNKNOWN
    account = factory.make_ad_account(client=client, owner=owner)
    found = {
        "state": State.FOUND,
        "source": RoleGrant.Source.FOUND,
        "asked_role": "",
        "observed_role": "operator",
        "observed_native": "OPERATOR",
        "verified_at": timezone.now(),
    }
    return factory.make_grant(**{**found, "asset": account, **fields})


class TestChangeTheRole:
    analyst = {"role": "analyst", "reason": "The campaign ends."}  # noqa: RUF012

    def test_a_strangers_does_not_exist(self, desk: HttpsClient, factory) -> None:
        assert desk.get(role_url(factory.make_grant(state="active"))).status_code == 404

    def test_those_who_only_look_may_not(self, grant: RoleGrant, noa: User) -> None:
        assert browser_of(noa).get(role_url(grant)).status_code == 403
        assert browser_of(noa).post(role_url(grant), self.analyst).status_code == 403

    def test_it_is_not_offered_to_them(self, grant: RoleGrant, noa: User) -> None:
        assert role_url(grant) not in browser_of(noa).get(page_of(grant)).text

    def test_it_says_why_it_cannot_be_changed_now(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        RoleGrant.objects.filter(pk=grant.pk).update(state=State.PENDING)
        page = desk.get(role_url(grant), follow=True)
        assert "once a read shows that it is held" in page.text
        assert role_url(grant) not in page.text

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"role": "analyst"}, "This field is required"),
            ({"reason": "Why not"}, "This field is required"),
            ({"role": "owner", "reason": "x"}, "not one of the available choices"),
            ({"role": "admin", "reason": "x"}, "An Admin role needs a last day."),
        ],
    )
    def test_it_asks_for_what_is_missing(
        self, desk: HttpsClient, grant: RoleGrant, said: dict[str, str], sentence: str
    ) -> None:
        page = desk.post(role_url(grant), said)
        assert page.status_code == 400
        assert sentence in page.text

    def test_a_day_gone_by_is_no_last_day(self, desk: HttpsClient, grant) -> None:
        said = {"role": "admin", "reason": "x", "ends_on": in_days(0)}
        assert "Choose a day after today." in desk.post(role_url(grant), said).text

    def test_the_role_it_has_is_refused_in_a_sentence(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        said = {"role": "operator", "reason": "x", **SURE}
        assert "that is what we ask for" in desk.post(role_url(grant), said).text

    def test_it_shows_what_happens_before_it_does(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        page = desk.post(role_url(grant), self.analyst)
        assert "Analyst instead of Operator?" in page.text
        assert "No key of Aurora Wines reaches it, so Aurora Wines sets it" in page.text
        assert "The campaign ends." in page.text
        assert not GrantChange.objects.exists()

    def test_the_preview_carries_on_what_was_said(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        page = desk.post(role_url(grant), self.analyst)
        again = {field.name: field.value() for field in page.context["form"]}
        assert again == {**self.analyst, "ends_on": "", **SURE}

    def test_it_begins_with_the_yes(self, desk: HttpsClient, grant: RoleGrant) -> None:
        page = desk.post(role_url(grant), {**self.analyst, **SURE}, follow=True)
        assert "It is Analyst when a read shows it." in page.text
        grant.refresh_from_db()
        assert grant.asked_role == "analyst"

    def test_the_client_is_told_the_steps_where_no_key_can(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        page = desk.post(role_url(grant), {**self.analyst, **SURE}, follow=True)
        assert "Not as agreed" in page.text
        assert f"sets Aurora Shop ({grant.asset.external_id}) to Analyst" in page.text
        assert "we need the role Analyst" in page.text  # the letter

    def test_a_second_press_changes_nothing_more(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        """With a key the first is under way; a refusal says so."""
        desk.post(role_url(grant), {**self.analyst, **SURE})
        RoleGrant.objects.filter(pk=grant.pk).update(state="requesting", waits_on="")
        page = desk.post(role_url(grant), {**self.analyst, **SURE}, follow=True)
        assert "being changed to Analyst already" in page.text
        assert GrantChange.objects.count() == 1


class TestDecide:
    @pytest.fixture
    def asked(self, grant: RoleGrant, mira: User) -> GrantChange:
        day = timezone.localdate() + dt.timedelta(days=30)
        wish = Wish(Role.ADMIN, reason="Billing moves.", ends_on=day)
        return changing.change_role(grant, wish, user=mira)

    def digest(self, browser: HttpsClient, asked: GrantChange) -> str:
        return browser.get(decide_url(asked)).context["digest"]

    def test_a_strangers_does_not_exist(self, asked: GrantChange, factory) -> None:
        stranger = browser_of(factory.make_user())
        assert stranger.get(decide_url(asked)).status_code == 404
        assert stranger.post(decide_url(asked)).status_code == 404

    def test_an_approval_of_something_else_does_not_exist(
        self, owners_desk: HttpsClient, factory: Factory
    ) -> None:
        url = reverse("admin:accounts_decide", args=[factory.make_approval().pk])
        assert owners_desk.get(url).status_code == 404

    def test_who_asked_sees_it_and_cannot_decide(
        self, desk: HttpsClient, asked: GrantChange
    ) -> None:
        page = desk.get(decide_url(asked))
        assert "Only an access owner decides this." in page.text
        assert "Approve exactly this" not in page.text
        said = {"decision": "approve", "digest": page.context["digest"]}
        page = desk.post(decide_url(asked), said, follow=True)
        assert "Only an access owner decides this." in page.text
        asked.approval.refresh_from_db()
        assert asked.approval.decision == Approval.Decision.WAITING

    def test_the_grants_page_leads_there(
        self, owners_desk: HttpsClient, asked: GrantChange, grant: RoleGrant
    ) -> None:
        page = owners_desk.get(page_of(grant))
        assert "Next: an access owner decides about Admin." in page.text
        assert decide_url(asked) in page.text
        assert role_url(grant) not in page.text  # one at a time

    def test_a_yes_to_what_has_changed_meanwhile_is_not_taken(
        self, owners_desk: HttpsClient, asked: GrantChange
    ) -> None:
        digest = self.digest(owners_desk, asked)
        GrantChange.objects.filter(pk=asked.pk).update(reason="Another.")
        said = {"decision": "approve", "digest": digest}
        page = owners_desk.post(decide_url(asked), said, follow=True)
        assert "What is asked has changed. Read it again." in page.text
        asked.approval.refresh_from_db()
        assert asked.approval.decision == Approval.Decision.WAITING

    @pytest.mark.parametrize(
        ("decision", "role", "sentence"),
        [("approve", "admin", "Approved."), ("refuse", "operator", "Refused")],
    )
    def test_it_is_decided(
        self,
        owners_desk: HttpsClient,
        asked: GrantChange,
        grant: RoleGrant,
        decision: str,
        role: str,
        sentence: str,
    ) -> None:
        said = {"decision": decision, "digest": self.digest(owners_desk, asked)}
        page = owners_desk.post(decide_url(asked), said, follow=True)
        assert sentence in page.text
        grant.refresh_from_db()
        assert grant.asked_role == role

    @pytest.mark.parametrize("asked_role", ["operator", "admin"])
    def test_a_yes_that_came_too_late_says_so(
        self,
        owners_desk: HttpsClient,
        asked: GrantChange,
        grant: RoleGrant,
        asked_role: str,
    ) -> None:
        RoleGrant.objects.filter(pk=grant.pk).update(
            state=State.LOST,
            asked_role=asked_role,
            approval=asked.approval,
            ends_on=asked.ends_on,
            reason="Once before.",
        )
        said = {"decision": "approve", "digest": self.digest(owners_desk, asked)}
        page = owners_desk.post(decide_url(asked), said, follow=True)
        assert "could not be carried out any more" in page.text


def previewed(desk: HttpsClient, said: dict[str, Any]) -> dict[str, Any]:
    """Return what the preview sends when it is agreed to."""
    shown = desk.post(ADOPT, said).context["form"]
    return {field.name: field.value() for field in shown}


class TestAdopt:
    held = {"role": "held", "reason": "Runs the spring campaign."}  # noqa: RUF012

    @pytest.fixture
    def found(self, factory: Factory, aurora: Client) -> RoleGrant:
        return make_found(factory, aurora)

    def test_a_strangers_does_not_exist(self, desk: HttpsClient, factory) -> None:
        theirs = make_found(factory, factory.make_client())
        assert desk.get(ADOPT, {"grants": theirs.pk}).status_code == 404
        said = {**self.held, "grants": theirs.pk, **SURE}
        assert desk.post(ADOPT, said).status_code == 404

    @pytest.mark.parametrize("key", ["x", "1,2"])
    def test_a_made_up_one_neither(self, desk: HttpsClient, key: str) -> None:
        assert desk.get(ADOPT, {"grants": key}).status_code == 404
        assert desk.get(ADOPT, {"client": key}).status_code == 404

    def test_those_who_only_look_may_not(self, found: RoleGrant, noa: User) -> None:
        auditor = browser_of(noa)
        assert auditor.get(ADOPT, {"grants": found.pk}).status_code == 403
        assert ADOPT not in auditor.get(page_of(found)).text
        assert "Adopt what was found" not in auditor.get(LIST).text

    def test_what_was_asked_for_is_not_adopted(
        self, desk: HttpsClient, grant: RoleGrant
    ) -> None:
        page = desk.get(ADOPT, {"grants": grant.pk}, follow=True)
        assert "Nothing to adopt" in page.text

    def test_the_grants_page_offers_it_first(self, desk: HttpsClient, found) -> None:
        page = desk.get(page_of(found))
        assert f"{ADOPT}?grants={found.pk}" in page.text
        acts = page.context["desk_acts"]
        assert [act["label"] for act in acts if act.get("is_main")] == ["Adopt"]

    def test_it_shows_what_happens_before_it_does(
        self, desk: HttpsClient, found: RoleGrant
    ) -> None:
        page = desk.post(ADOPT, {**self.held, "grants": found.pk})
        assert "Adopt it?" in page.text
        assert "as Operator, held as Operator" in page.text
        found.refresh_from_db()
        assert found.state == State.FOUND

    @pytest.mark.parametrize(("role", "is_said"), [("held", False), ("analyst", True)])
    def test_it_says_who_changes_what_is_held_at_another_role(
        self, desk: HttpsClient, found: RoleGrant, role: str, is_said: bool
    ) -> None:
        said = {**self.held, "role": role, "grants": found.pk}
        page = desk.post(ADOPT, said).text
        assert ("stands as Drifted until it is changed: Mira Okafor" in page) is is_said

    @pytest.mark.parametrize("digest", ["", None])
    def test_it_is_adopted_only_as_it_was_shown(
        self, desk: HttpsClient, found: RoleGrant, digest: str | None
    ) -> None:
        again = previewed(desk, {**self.held, "grants": found.pk})
        if digest is None:
            RoleGrant.objects.update(observed_role="analyst")
        else:
            again["digest"] = digest
        page = desk.post(ADOPT, again)
        assert "What is held has changed since you looked. Read it again." in page.text
        found.refresh_from_db()
        assert found.state == State.FOUND

    def test_it_is_adopted_with_the_yes(
        self, desk: HttpsClient, found: RoleGrant
    ) -> None:
        again = previewed(desk, {**self.held, "grants": found.pk})
        page = desk.post(ADOPT, again, follow=True)
        assert "1 adopted. Green when a read shows the role." in page.text
        found.refresh_from_db()
        assert (found.state, found.asked_role) == (State.UNVERIFIED, "operator")

    def test_many_from_the_list(
        self, desk: HttpsClient, factory: Factory, aurora: Client, grant: RoleGrant
    ) -> None:
        many = [make_found(factory, aurora) for _ in range(3)]
        chosen = [str(one.pk) for one in (*many, grant)]
        page = desk.post(LIST, {"action": "adopt", "_selected_action": chosen})
        assert "1 of them are wanted, being decided or gone" in page.text
        said = {**self.held, "grants": page.context["chosen"]}
        desk.post(ADOPT, previewed(desk, said))
        states = {RoleGrant.objects.get(pk=one.pk).state for one in many}
        assert states == {State.UNVERIFIED}

    def test_what_is_being_decided_is_left_out(
        self, desk: HttpsClient, factory: Factory, aurora: Client, mira: User
    ) -> None:
        waiting, found = (make_found(factory, aurora) for _ in range(2))
        day = timezone.localdate() + dt.timedelta(days=30)
        wish = Wish(Role.ADMIN, "Billing.", day)
        digest = adopting.preview([waiting], wish)
        adopting.adopt([waiting], wish, digest=digest, user=mira)
        page = desk.get(ADOPT, {"client": aurora.pk})
        assert page.context["chosen"] == str(found.pk)

    def test_not_more_than_anybody_reads(
        self,
        desk: HttpsClient,
        factory: Factory,
        aurora: Client,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("accounts.admin.adopting.MOST_AT_ONCE", 1)
        for _ in range(2):
            make_found(factory, aurora)
        page = desk.get(ADOPT, {"client": aurora.pk}, follow=True)
        assert "At most 1 are adopted at once." in page.text

    def test_all_of_one_client(
        self, desk: HttpsClient, factory: Factory, aurora: Client
    ) -> None:
        mine = [make_found(factory, aurora) for _ in range(2)]
        make_found(factory, factory.make_client())
        page = desk.get(ADOPT, {"client": aurora.pk})
        assert set(page.context["chosen"].split(",")) == {str(one.pk) for one in mine}

    def test_an_account_that_is_nobodys_needs_a_client(
        self, owners_desk: HttpsClient, factory: Factory, aurora: Client
    ) -> None:
        nobodys = make_found(factory, None)
        said = {**self.held, "grants": nobodys.pk}
        assert owners_desk.post(ADOPT, said).status_code == 400
        said = previewed(owners_desk, {**said, "client": aurora.pk})
        owners_desk.post(ADOPT, said)
        assert Asset.objects.get(pk=nobodys.asset_id).client == aurora

    def test_a_superuser_does_not_say_whose_it_is(
        self, factory: Factory, aurora: Client
    ) -> None:
        root = browser_of(factory.make_user(role="", is_superuser=True))
        said = {**self.held, "grants": make_found(factory, None).pk, **SURE}
        page = root.post(ADOPT, {**said, "client": aurora.pk})
        assert "An access owner says whose it is." in page.text

    def test_held_as_admin_needs_a_last_day_and_another_access_owner(
        self, desk: HttpsClient, factory: Factory, aurora: Client, priya: User
    ) -> None:
        many = [make_found(factory, aurora, observed_role="admin") for _ in range(2)]
        said = {**self.held, "grants": ",".join(str(one.pk) for one in many)}
        assert "An Admin role needs a last day." in desk.post(ADOPT, said).text
        said = previewed(desk, {**said, "ends_on": in_days(30)})
        page = desk.post(ADOPT, said, follow=True)
        assert "2 wait for an access owner, in one question." in page.text
        (approval,) = Approval.objects.all()
        other = browser_of(factory.make_user(role=ACCESS_OWNERS))
        url = reverse("admin:accounts_decide", args=[approval.pk])
        page = other.get(url)
        assert "Admin for 2 grants?" in page.text
        for one in many:
            assert one.asset.external_id in page.text
        digest = page.context["digest"]
        other.post(url, {"decision": "approve", "digest": digest})
        states = {RoleGrant.objects.get(pk=one.pk).state for one in many}
        assert states == {State.UNVERIFIED}
