"""Another role for a grant that stands: asked for, carried out, read back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import approvals, attempts, changing, deciding, proof, sharing, work
from accounts.flows.wishes import CannotWish, Wish
from accounts.models import (
    Approval,
    Connection,
    Consent,
    Event,
    GrantAttempt,
    GrantChange,
    RoleGrant,
    User,
)
from accounts.platforms.roles import Role
from accounts.roles import ACCESS_OWNERS
from accounts.trail import Actor
from tests.accounts.flows.test_kill_safety import (
    Killed,
    killing,
    make_requested,
    sweep_later,
)
from tests.factory import Factory
from tests.simulated import (
    Simulated,
    loses_the_answer,
    never_arrives,
    once,
    run_jobs,
    says,
)
from tests.website import Website

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn
Operation = GrantAttempt.Operation
Outcome = GrantAttempt.Outcome
SHARE = "bc/partner/add/"
UNSHARE = "bc/partner/asset/delete/"
BY = Actor.system("test")
SOON = dt.timedelta(days=30)


@pytest.fixture
def mira(factory: Factory) -> User:
    return factory.make_user(name="Mira Okafor")


@pytest.fixture
def grants(our_side: Connection, tiktok: Simulated, factory: Factory) -> Any:
    """Two grants held as Operator, read back."""
    made = make_requested(tiktok, factory)
    sweep_later()
    tiktok.control("counters/reset")
    GrantAttempt.objects.all().update(started_at=timezone.now() - SOON)
    RoleGrant.objects.update(asked_at=timezone.now() - SOON / 2)
    return [fresh(grant) for grant in made]


@pytest.fixture
def grant(grants: list[RoleGrant]) -> RoleGrant:
    assert grants[0].state == State.ACTIVE
    return grants[0]


@pytest.fixture
def no_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a read shows is believed at once: nobody waits in these tests."""
    monkeypatch.setattr(changing, "SETTLES_IN", dt.timedelta(0))


def fresh(grant: RoleGrant) -> RoleGrant:
    return RoleGrant.objects.get(pk=grant.pk)


def wish(role: str, **fields: Any) -> Wish:
    return Wish(Role(role), **{"reason": "The campaign ends.", **fields})


def change(grant: RoleGrant, role: str, user: User, **fields: Any) -> GrantChange:
    return changing.change_role(grant, wish(role, **fields), user=user)


def tried(grant: RoleGrant) -> list[str]:
    """The operations since the change began, oldest first."""
    recent = grant.attempts.filter(started_at__gte=timezone.now() - SOON / 4)
    return list(recent.order_by("started_at").values_list("operation", flat=True))


def held_as(tiktok: Simulated, grant: RoleGrant) -> list[str]:
    return [
        share["advertiser_role"]
        for share in tiktok.look("shares")
        if share["asset_id"] == grant.asset.external_id
    ]


class TestItIsRefused:
    @pytest.mark.parametrize(
        "state",
        sorted(set(State) - {State.ACTIVE, State.DRIFTED, State.FOUND}),
    )
    def test_while_it_is_not_held(
        self, factory: Factory, mira: User, state: str
    ) -> None:
        grant = factory.make_grant(state=state)
        with pytest.raises(CannotWish, match="once a read shows that it is held"):
            change(grant, "analyst", mira)
        assert not GrantChange.objects.exists()

    def test_for_what_nobody_asked_for(self, factory: Factory, mira: User) -> None:
        grant = factory.make_grant(state=State.FOUND, asked_role="")
        with pytest.raises(CannotWish, match="Adopt it first"):
            change(grant, "analyst", mira)

    def test_for_the_role_it_has(self, grant: RoleGrant, mira: User) -> None:
        with pytest.raises(CannotWish, match="that is what we ask for"):
            change(grant, "operator", mira)

    def test_without_a_reason(self, grant: RoleGrant, mira: User) -> None:
        with pytest.raises(CannotWish, match="Say why"):
            change(grant, "analyst", mira, reason="")

    @pytest.mark.parametrize("days", [None, -1, 0])
    def test_as_admin_without_a_day_to_come(
        self, grant: RoleGrant, mira: User, days: int | None
    ) -> None:
        day = None if days is None else timezone.localdate() + dt.timedelta(days=days)
        with pytest.raises(CannotWish, match="last day"):
            change(grant, "admin", mira, ends_on=day)
        assert not Approval.objects.exists()

    def test_while_another_change_is_under_way(
        self, grant: RoleGrant, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        with pytest.raises(CannotWish, match="being changed to Analyst already"):
            change(grant, "admin", mira, ends_on=timezone.localdate() + SOON)

    def test_while_an_access_owner_decides(self, grant: RoleGrant, mira: User) -> None:
        change(grant, "admin", mira, ends_on=timezone.localdate() + SOON)
        with pytest.raises(CannotWish, match="decides about Admin for it first"):
            change(grant, "analyst", mira)

    def test_for_a_person(self, factory: Factory, grant: RoleGrant, mira: User) -> None:
        person = factory.make_grant(
            asset=grant.asset, grantee=factory.make_person(), via=grant, state="active"
        )
        with pytest.raises(CannotWish, match="where the account is staffed"):
            change(person, "analyst", mira)

    def test_for_a_seat(self, factory: Factory, mira: User) -> None:
        seat = factory.make_seat()
        with pytest.raises(CannotWish, match=f"in {seat.asset} itself is changed on"):
            change(seat, "admin", mira)


@pytest.mark.parametrize(("role", "native"), [("analyst", "ANALYST")])
def test_it_asks_again_and_is_read_back(
    grant: RoleGrant, tiktok: Simulated, mira: User, role: str, native: str
) -> None:
    change(grant, role, mira)
    assert fresh(grant).state == State.REQUESTING
    assert "accounts.tasks.carry_out_grants" in run_jobs()
    after = fresh(grant)
    assert (after.state, after.asked_role, after.observed_role) == (
        State.ACTIVE,
        role,
        role,
    )
    assert after.reason == "The campaign ends."
    assert held_as(tiktok, grant) == [native]
    assert tried(grant) == [Operation.CHANGE]
    assert tiktok.calls(SHARE) == 1
    assert tiktok.calls(UNSHARE) == 0
    assert not GrantChange.objects.open().exists()


def test_it_leaves_the_other_grant_alone(
    grants: list[RoleGrant], tiktok: Simulated, mira: User
) -> None:
    change(grants[0], "analyst", mira)
    run_jobs()
    assert held_as(tiktok, grants[1]) == ["OPERATOR"]
    assert tried(grants[1]) == []


def test_it_tells_the_story(grant: RoleGrant, mira: User) -> None:
    change(grant, "analyst", mira)
    run_jobs()
    told = list(Event.objects.about(grant).values_list("action", flat=True))
    assert told[:4] == [
        "grant.active",
        "grant.unverified",
        "grant.change_sent",
        "grant.requesting",
    ]
    assert "grant.role_changed" in told


def test_what_is_held_already_is_only_read(
    grant: RoleGrant, tiktok: Simulated, mira: User
) -> None:
    """A drifted grant is taken as it is: nothing has to be asked of anybody."""
    RoleGrant.objects.filter(pk=grant.pk).update(asked_role="analyst", state="drifted")
    change(fresh(grant), "operator", mira)
    run_jobs()
    assert fresh(grant).state == State.ACTIVE
    assert tiktok.calls(SHARE) == 0


class TestWhenAskingAgainChangesNothing:
    @pytest.fixture(autouse=True)
    def keeps_the_role(self, grants: Any, tiktok: Simulated) -> None:
        tiktok.control("switches", share_again="keep_role")

    def test_it_waits_before_it_takes_anything_back(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        run_jobs()
        sweep_later()
        assert tiktok.calls(UNSHARE) == 0
        assert fresh(grant).state == State.UNVERIFIED

    @pytest.mark.usefixtures("no_haste")
    def test_it_takes_the_share_back_and_shares_anew(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        run_jobs()
        sweep_later()
        assert fresh(grant).state == State.ACTIVE
        assert held_as(tiktok, grant) == ["ANALYST"]
        assert tried(grant) == [Operation.CHANGE, Operation.UNSHARE, Operation.SHARE]
        assert not GrantChange.objects.open().exists()

    @pytest.mark.usefixtures("no_haste")
    def test_it_takes_back_what_only_that_grant_is_about(
        self, grants: list[RoleGrant], tiktok: Simulated, mira: User
    ) -> None:
        for one in grants:
            change(one, "analyst", mira)
        run_jobs()
        sweep_later()
        assert [held_as(tiktok, one) for one in grants] == [["ANALYST"], ["ANALYST"]]
        assert tiktok.calls(UNSHARE) == 1  # both in one call

    @pytest.mark.usefixtures("no_haste")
    def test_it_is_left_to_the_client_when_that_changes_nothing_either(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        """TikTok says yes to everything and does nothing."""
        done = says(b'{"code": 0, "message": "OK", "data": {}}')
        with tiktok.disturbed(SHARE, done), tiktok.disturbed(UNSHARE, done):
            change(grant, "analyst", mira)
            run_jobs()
            sweep_later(times=3)
        after = fresh(grant)
        assert (after.state, after.waits_on) == (State.UNVERIFIED, WaitsOn.CLIENT)
        assert tried(grant) == [Operation.CHANGE, Operation.UNSHARE, Operation.SHARE]

    @pytest.mark.usefixtures("no_haste")
    def test_it_fails_aloud_when_what_was_taken_back_is_refused(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        run_jobs()
        with tiktok.disturbed(SHARE, says(b'{"code": 40001, "message": "no"}')):
            sweep_later()
        after = fresh(grant)
        assert (after.state, after.waits_on) == (State.FAILED, WaitsOn.ACCOUNT_MANAGER)
        assert not GrantChange.objects.open().exists()

    @pytest.mark.usefixtures("no_haste")
    def test_a_share_taken_back_waits_for_our_admin_like_a_first_one(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        tiktok.control("switches", receiver_must_accept=True)
        change(grant, "analyst", mira)
        run_jobs()
        sweep_later(times=2)
        assert fresh(grant).state == State.PENDING
        tiktok.control(
            "shares/accept",
            giver=tiktok.center("Lang Optics"),
            receiver=tiktok.center("Northlight Agency"),
        )
        sweep_later()
        assert (fresh(grant).state, fresh(grant).observed_role) == ("active", "analyst")


class TestItIsLeftToTheClient:
    def steps_of(self, grant: RoleGrant) -> str:
        after = fresh(grant)
        assert (after.state, after.waits_on) == (State.UNVERIFIED, WaitsOn.CLIENT)
        assert after.due_on == timezone.localdate() + dt.timedelta(days=7)
        assert after.next_check_at is not None
        return after.problem

    def test_when_the_platform_refuses(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        """Nothing is taken back: what was refused might be refused again then."""
        tiktok.control("switches", share_again="refuse")
        change(grant, "analyst", mira)
        run_jobs()
        steps = self.steps_of(grant)
        assert grant.asset.external_id in steps
        assert grant.asset.center.external_id in steps
        assert grant.grantee.external_id in steps
        assert "Lang Optics" in steps
        assert "Analyst" in steps
        assert tried(grant) == [Operation.CHANGE]
        assert held_as(tiktok, grant) == ["OPERATOR"]

    def test_when_no_key_of_theirs_is_left(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        Consent.objects.filter(purpose="client").update(state=Consent.State.WITHDRAWN)
        change(grant, "analyst", mira)
        self.steps_of(grant)
        run_jobs()
        self.steps_of(grant)
        assert tried(grant) == []

    def test_when_their_key_has_died(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        tiktok.control("tokens/revoke", person="hugo")
        change(grant, "analyst", mira)
        run_jobs()
        self.steps_of(grant)

    @pytest.mark.parametrize("source", ["method_a", "method_b"])
    def test_when_it_was_given_on_the_website(
        self, grant: RoleGrant, tiktok: Simulated, mira: User, source: str
    ) -> None:
        RoleGrant.objects.filter(pk=grant.pk).update(source=source)
        change(fresh(grant), "analyst", mira)
        run_jobs()
        self.steps_of(grant)
        assert tiktok.calls(SHARE) == 0

    def test_until_a_read_shows_the_role(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        tiktok.control("switches", share_again="refuse")
        change(grant, "analyst", mira)
        run_jobs()
        sweep_later(times=2)
        self.steps_of(grant)
        set_on_the_website(tiktok, grant, Role.ANALYST)
        sweep_later()
        after = fresh(grant)
        assert (after.state, after.observed_role) == (State.ACTIVE, "analyst")
        assert (after.due_on, after.problem) == (None, "")
        assert not GrantChange.objects.open().exists()

    def test_unless_somebody_asks_otherwise(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        tiktok.control("switches", share_again="refuse")
        first = change(grant, "analyst", mira)
        run_jobs()
        change(fresh(grant), "operator", mira)
        run_jobs()
        assert fresh(grant).state == State.ACTIVE
        first.refresh_from_db()
        assert first.closed_at is not None


def set_on_the_website(tiktok: Simulated, grant: RoleGrant, role: Role) -> None:
    """The client changes the role there: the simulator's website is its own API."""
    from accounts.flows import connections

    tiktok.control("switches", share_again="update_role")
    key = sharing.clients_key(grant)
    connections.call(
        key,
        lambda connector, token: connector.share_accounts(
            token,
            grant.asset.center.external_id,
            grant.grantee.external_id,
            [grant.asset.external_id],
            role,
        ),
        purpose="act as the client would",
        by=BY,
        in_person=True,
    )


class TestAdminWaitsForAnAccessOwner:
    @pytest.fixture
    def asked(self, grant: RoleGrant, mira: User) -> GrantChange:
        day = timezone.localdate() + SOON
        return change(grant, "admin", mira, reason="Billing moves.", ends_on=day)

    @pytest.fixture
    def priya(self, factory: Factory) -> User:
        return factory.make_user(name="Priya Nair", role=ACCESS_OWNERS)

    def test_nothing_is_asked_of_the_platform(
        self, asked: GrantChange, grant: RoleGrant, tiktok: Simulated
    ) -> None:
        run_jobs()
        sweep_later()
        assert (fresh(grant).state, fresh(grant).asked_role) == ("active", "operator")
        assert tiktok.calls(SHARE) == 0

    def test_it_is_asked_for_anew_when_its_last_day_is_over(
        self, grant: RoleGrant, tiktok: Simulated, mira: User, priya: User
    ) -> None:
        Website(tiktok).change_role(grant.asset.external_id, "ADMIN")
        RoleGrant.objects.filter(pk=grant.pk).update(
            state=State.DRIFTED,
            asked_role="admin",
            observed_role="admin",
            observed_native="ADMIN",
            approval=Approval.objects.create(asked_by=mira),
            reason="Billing moves.",
            ends_on=timezone.localdate() - SOON,
        )
        day = timezone.localdate() + SOON
        asked = change(fresh(grant), "admin", mira, ends_on=day)
        deciding.decide(asked.approval, yes=True, user=priya)
        run_jobs()
        after = fresh(grant)
        assert (after.is_fresh, after.ends_on) == (True, day)
        assert tiktok.calls(SHARE) == 0

    def test_nobody_decides_about_their_own(
        self, grant: RoleGrant, factory: Factory, priya: User
    ) -> None:
        asked = change(grant, "admin", priya, ends_on=timezone.localdate() + SOON)
        with pytest.raises(approvals.CannotDecide, match="another access owner"):
            deciding.decide(asked.approval, yes=True, user=priya)

    def test_no_account_manager_decides(
        self, asked: GrantChange, factory: Factory
    ) -> None:
        with pytest.raises(approvals.CannotDecide, match="Only an access owner"):
            deciding.decide(asked.approval, yes=True, user=factory.make_user())

    def test_a_yes_carries_it_out(
        self, asked: GrantChange, grant: RoleGrant, tiktok: Simulated, priya: User
    ) -> None:
        deciding.decide(asked.approval, yes=True, user=priya)
        run_jobs()
        after = fresh(grant)
        assert (after.state, after.observed_role) == (State.ACTIVE, "admin")
        assert (after.approval, after.reason) == (asked.approval, "Billing moves.")
        assert after.ends_on == asked.ends_on
        assert held_as(tiktok, grant) == ["ADMIN"]

    def test_a_no_closes_it(
        self, asked: GrantChange, grant: RoleGrant, priya: User
    ) -> None:
        deciding.decide(asked.approval, yes=False, user=priya, note="Not needed.")
        run_jobs()
        asked.refresh_from_db()
        assert asked.closed_at is not None
        assert (fresh(grant).state, fresh(grant).asked_role) == ("active", "operator")

    @pytest.mark.parametrize(
        "edit",
        [
            {"reason": "Another."},
            {"role": "operator"},
            {"ends_on": dt.date(2040, 1, 1)},
        ],
        ids=["reason", "role", "day"],
    )
    def test_an_edit_of_what_was_asked_voids_it(
        self, asked: GrantChange, grant: RoleGrant, priya: User, edit: dict[str, Any]
    ) -> None:
        GrantChange.objects.filter(pk=asked.pk).update(**edit)
        decided, _ = deciding.decide(asked.approval, yes=True, user=priya)
        assert decided.decision == Approval.Decision.VOID
        run_jobs()
        assert fresh(grant).asked_role == "operator"
        assert not GrantChange.objects.open().exists()

    def test_a_yes_after_the_last_day_does_nothing(
        self,
        asked: GrantChange,
        grant: RoleGrant,
        tiktok: Simulated,
        priya: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        after_it = asked.ends_on + dt.timedelta(days=1)
        with monkeypatch.context() as patch:
            patch.setattr("accounts.flows.approvals.house_day", lambda: after_it)
            deciding.decide(asked.approval, yes=True, user=priya)
        run_jobs()
        assert fresh(grant).asked_role == "operator"
        assert tiktok.calls(SHARE) == 0
        told = Event.objects.about(grant).values_list("action", flat=True)
        assert "grant.change_dropped" in told

    def test_a_yes_to_what_is_lost_meanwhile_does_nothing(
        self, asked: GrantChange, grant: RoleGrant, priya: User
    ) -> None:
        RoleGrant.objects.filter(pk=grant.pk).update(state=State.LOST)
        deciding.decide(asked.approval, yes=True, user=priya)
        assert (fresh(grant).state, fresh(grant).asked_role) == ("lost", "operator")
        assert not GrantChange.objects.open().exists()

    def test_it_is_found_by_those_who_see_the_client(
        self, asked: GrantChange, grant: RoleGrant, mira: User, priya: User
    ) -> None:
        assert list(changing.waiting_for(priya)) == [asked]
        assert list(changing.waiting_for(mira)) == []  # she serves somebody else
        deciding.decide(asked.approval, yes=True, user=priya)
        assert list(changing.waiting_for(priya)) == []


class TestTheAnswerIsLost:
    def test_it_reads_before_it_asks_again(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        with tiktok.disturbed(SHARE, once(loses_the_answer)) as asked:
            run_jobs()
        assert fresh(grant).state == State.ACTIVE
        assert len(asked) == 1

    @pytest.mark.usefixtures("no_haste")
    def test_it_asks_again_what_may_not_have_arrived(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        """Nothing is taken back for an answer that nobody heard."""
        change(grant, "analyst", mira)
        with tiktok.disturbed(SHARE, once(never_arrives)):
            run_jobs()
            sweep_later()
        assert fresh(grant).state == State.ACTIVE
        assert tried(grant) == [Operation.CHANGE, Operation.CHANGE]

    @pytest.mark.usefixtures("no_haste")
    def test_it_leaves_it_to_the_client_after_five_tries(
        self, grant: RoleGrant, tiktok: Simulated, mira: User
    ) -> None:
        change(grant, "analyst", mira)
        with tiktok.disturbed(SHARE, never_arrives) as asked:
            run_jobs()
            sweep_later(times=8)
        assert len(asked) == sharing.MOST_ATTEMPTS
        assert (fresh(grant).state, fresh(grant).waits_on) == ("unverified", "client")

    @pytest.mark.usefixtures("no_haste")
    @pytest.mark.parametrize("how", [loses_the_answer, never_arrives])
    def test_what_was_perhaps_taken_back_is_read_then_shared_anew(
        self, grant: RoleGrant, tiktok: Simulated, mira: User, how: Any
    ) -> None:
        tiktok.control("switches", share_again="keep_role")
        change(grant, "analyst", mira)
        with tiktok.disturbed(UNSHARE, once(how)):
            run_jobs()
            sweep_later(times=3)
        assert (fresh(grant).state, held_as(tiktok, grant)) == ("active", ["ANALYST"])


# What is killed, before or after it runs, and at which of its turns.
ASKING = {
    "before the attempt": (attempts, "begin", False, 1),
    "after the attempt": (attempts, "begin", True, 1),
    "after the call": (attempts, "close", False, 1),
    "between attempt and grant": (attempts, "close", True, 1),
    "before the reads": (proof, "read_back", False, 1),
    "during the reads": (proof, "_judge", False, 1),
    "after it was judged": (proof, "_judge", True, 1),
}
SHARING_ANEW = {
    "before it is taken back": (attempts, "begin", False, 2),
    "after the attempt to take it back": (attempts, "begin", True, 2),
    "after it was taken back": (attempts, "close", False, 2),
    "between taking back and the grant": (attempts, "close", True, 2),
    "between taking back and sharing": (attempts, "begin", False, 3),
    "after the attempt to share anew": (attempts, "begin", True, 3),
    "after it was shared anew": (attempts, "close", False, 3),
    "between sharing anew and the grant": (attempts, "close", True, 3),
}
STEPS = {**ASKING, **SHARING_ANEW}
KILLS = [
    *((step, switch) for step in ASKING for switch in ("update_role", "refuse")),
    *((step, "keep_role") for step in STEPS),
]


@pytest.mark.long
@pytest.mark.usefixtures("no_haste")
@pytest.mark.parametrize(("step", "switch"), KILLS)
def test_it_ends_where_it_would_have_after_a_kill(
    grants: list[RoleGrant],
    tiktok: Simulated,
    mira: User,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    switch: str,
) -> None:
    grant = grants[0]
    module, name, after, turn = STEPS[step]
    tiktok.control("switches", share_again=switch)
    change(grant, "analyst", mira)
    with monkeypatch.context() as patch:
        dies = at_turn(getattr(module, name), turn, after=after)
        patch.setattr(module, name, dies)
        with pytest.raises(Killed):
            carry_on(grant)
    sweep_later(times=5)
    ends = fresh(grant)
    if switch == "refuse":
        assert (ends.state, ends.waits_on) == (State.UNVERIFIED, WaitsOn.CLIENT)
        assert held_as(tiktok, grant) == ["OPERATOR"]
        assert tiktok.calls(UNSHARE) == 0
    else:
        assert (ends.state, ends.observed_role) == (State.ACTIVE, "analyst")
        assert held_as(tiktok, grant) == ["ANALYST"]
    assert not grant.attempts.filter(outcome=Outcome.OPEN).exists()
    assert fresh(grants[1]).state == State.ACTIVE
    assert held_as(tiktok, grants[1]) == ["OPERATOR"]


def carry_on(grant: RoleGrant) -> None:
    work.carry_out([grant.pk])
    sweep_later(times=3)


def at_turn(what: Any, turn: int, *, after: bool) -> Any:
    """Return a stand-in that dies at its n-th turn."""
    turns: list[int] = []

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        turns.append(1)
        if len(turns) == turn:
            return killing(what, after=after)(*args, **kwargs)
        return what(*args, **kwargs)

    return stand_in
