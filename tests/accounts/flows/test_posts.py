"""Codes of posts: what is not taken, what a read proves, and what a kill leaves."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.flows import (
    posts,
    posts_binding,
    posts_extending,
    posts_work,
)
from accounts.flows.leases import LEASE
from accounts.models import (
    Connection,
    EventPayload,
    PostAuthorization,
    SparkAuthorization,
    VaultSecret,
)
from accounts.outbound.secret import Secret
from accounts.vault import vault
from tests.accounts.flows.post_office import CODE, ITEM, LOST_ANSWER, refusal
from tests.accounts.flows.posted import BY, Desk, give_creators_key
from tests.factory import Factory

State = PostAuthorization.State


class Killed(BaseException):
    """What a SIGKILL is to the code it hits."""


def kill(*args: Any, **kwargs: Any) -> None:
    raise Killed


class TestWhatIsNotTaken:
    def test_a_code_that_is_entered_already(self, desk: Desk) -> None:
        desk.type_in()
        with pytest.raises(posts.CannotUse, match="entered already"):
            desk.type_in()
        assert PostAuthorization.objects.count() == 1

    def test_a_code_under_an_authorization_that_is_given_up(self, desk: Desk) -> None:
        SparkAuthorization.objects.update(state="withdrawing")
        with pytest.raises(posts.CannotUse, match="given up"):
            desk.type_in()
        assert not VaultSecret.objects.filter(reference__startswith="posts/").exists()

    def test_a_code_for_another_clients_ad_account(
        self, desk: Desk, factory: Factory
    ) -> None:
        desk.account = factory.make_ad_account()
        with pytest.raises(posts.CannotUse, match="Choose one of theirs"):
            desk.type_in()

    def test_making_one_without_the_creators_key(self, desk: Desk) -> None:
        with pytest.raises(posts.CannotUse, match="We hold no key"):
            desk.mint()

    def test_making_one_for_days_nobody_offers(
        self, desk: Desk, factory: Factory
    ) -> None:
        give_creators_key(desk.authorization, factory)
        with pytest.raises(posts.CannotUse, match="7, 30, 60, 365 days only"):
            desk.mint(90)


class TestTypedIn:
    def test_it_rests_in_the_vault_and_nowhere_else(self, desk: Desk) -> None:
        post = desk.type_in()
        assert vault().get(post.code_ref, purpose="test", by=BY) == Secret(CODE)
        kept = str(PostAuthorization.objects.values().get())
        assert CODE not in kept
        assert post.code_end == CODE[-4:]
        told = str(list(EventPayload.objects.values_list("body", flat=True)))
        assert CODE not in told

    def test_a_yes_alone_proves_nothing(self, desk: Desk) -> None:
        desk.office.troubles["posts"] = refusal("outage", permanent=False)
        post = desk.worked(desk.type_in())
        assert (post.state, post.verified_at) == (State.WAITING, None)
        assert post.next_check_at > timezone.now()

    def test_the_list_makes_it_active_with_the_platforms_own_times(
        self, desk: Desk
    ) -> None:
        post = desk.worked(desk.type_in())
        told = desk.office.codes[CODE]
        assert post.state == State.ACTIVE
        assert (post.item_id, post.title) == (ITEM, told.title)
        assert (post.starts_at, post.ends_at) == (told.starts_at, told.ends_at)
        assert post.days == 60
        assert post.last_read is not None

    def test_it_is_found_in_a_list_that_shows_no_codes(self, desk: Desk) -> None:
        desk.office.shows_codes = False
        assert desk.worked(desk.type_in()).state == State.ACTIVE

    def test_a_refused_code_says_who_looks_and_leaves_the_vault(
        self, desk: Desk
    ) -> None:
        post = desk.worked(desk.type_in("#a-code-that-nobody-made"))
        assert post.state == State.FAILED
        assert str(desk.authorization.creator) in post.problem
        assert (post.code_ref, post.next_check_at) == ("", None)
        assert not VaultSecret.objects.filter(reference__startswith="posts/").exists()

    def test_a_refusal_that_is_not_the_codes_fault_is_tried_again(
        self, desk: Desk
    ) -> None:
        desk.office.troubles["authorize_post"] = refusal("configuration")
        post = desk.worked(desk.type_in())
        assert post.state == State.WAITING
        assert post.problem == "It said configuration."

    @pytest.mark.parametrize("name", ["authorize_post", "posts"])
    def test_a_lost_answer_is_settled_by_the_list(self, desk: Desk, name: str) -> None:
        desk.office.after[name] = LOST_ANSWER
        post = desk.worked(desk.type_in())
        assert post.state == State.ACTIVE
        assert desk.office.calls["authorize_post"] == 1

    def test_without_a_key_of_ours_it_says_who_connects(self, desk: Desk) -> None:
        Connection.objects.update(state="needs_reauthorization")
        post = desk.worked(desk.type_in())
        assert post.state == State.WAITING
        assert "An access owner connects" in post.problem
        assert not desk.office.calls

    def test_a_new_code_of_the_same_post_is_not_proved_by_the_old_one(
        self, desk: Desk
    ) -> None:
        desk.worked(desk.type_in())
        newer = "#another-code-of-the-same-post"
        desk.office.knows(newer, days=365)
        desk.office.after["authorize_post"] = LOST_ANSWER
        desk.office.troubles["authorize_post"] = LOST_ANSWER
        assert desk.worked(desk.type_in(newer)).state == State.WAITING


def test_a_worker_killed_after_its_call_leaves_no_second_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = desk.type_in()
    with monkeypatch.context() as patch:
        patch.setattr(posts_binding, "_learn_item", kill)
        with pytest.raises(Killed):
            posts_work.carry_out([post.pk])
    assert desk.listed == [CODE]
    assert desk.worked(post).state == State.ACTIVE
    assert desk.office.calls["authorize_post"] == 1


def test_a_leased_post_is_left_to_its_worker(desk: Desk) -> None:
    post = desk.type_in()
    PostAuthorization.objects.update(lease_until=timezone.now() + LEASE)
    assert posts_work.carry_out([post.pk]) == posts_work.sweep() == 0


class TestMade:
    @pytest.fixture(autouse=True)
    def _key(self, desk: Desk, factory: Factory) -> None:
        give_creators_key(desk.authorization, factory)

    def test_the_answers_code_goes_to_the_vault_and_is_bound(self, desk: Desk) -> None:
        post = desk.worked(desk.mint(365))
        assert post.state == State.ACTIVE
        assert post.days == 365
        assert vault().get(post.code_ref, purpose="test", by=BY) == Secret(CODE)

    def test_without_an_ad_account_it_is_made_and_not_used(self, desk: Desk) -> None:
        post = desk.worked(desk.mint(binds=False))
        assert (post.state, post.native_status) == (State.UNUSED, "NOT_USED")
        posts.bind(post, desk.account, user=desk.user)
        assert desk.worked(post).state == State.ACTIVE

    @pytest.mark.parametrize("is_unused_first", [False, True])
    def test_a_code_somebody_else_bound_does_not_prove_it(
        self, desk: Desk, is_unused_first: bool
    ) -> None:
        others = "#bound-on-the-platforms-own-page"
        desk.office.knows(others, days=7)
        desk.office.bound[desk.account.external_id] = [others]
        post = desk.mint(365, binds=not is_unused_first)
        if is_unused_first:
            posts.bind(desk.worked(post), desk.account, user=desk.user)
        post = desk.worked(post)
        assert (post.state, post.days) == (State.ACTIVE, 365)
        assert desk.listed == [others, CODE]

    def test_a_code_that_was_made_and_lost_is_taken_up(self, desk: Desk) -> None:
        desk.office.after["allow_post"] = LOST_ANSWER
        post = desk.worked(desk.mint())
        assert post.state == State.WAITING
        assert desk.worked(post).state == State.ACTIVE
        assert desk.office.calls["allow_post"] == 1

    def test_a_word_nobody_knows_is_kept_and_proves_nothing(self, desk: Desk) -> None:
        post = desk.worked(desk.mint(binds=False))
        before = post.verified_at
        desk.office.says("FROZEN", desk.office.codes[CODE])
        post = desk.worked(post)
        assert (post.state, post.verified_at) == (State.UNUSED, before)
        assert "FROZEN" in post.problem

    def test_the_creators_deletion_ends_it(self, desk: Desk) -> None:
        post = desk.worked(desk.mint(binds=False))
        desk.office.says("DELETED", desk.office.codes[CODE])
        post = desk.worked(post)
        assert post.state == State.ENDED
        assert "took the code back" in post.problem

    def test_more_days_are_proved_by_a_read(self, desk: Desk) -> None:
        post = desk.worked(desk.mint(30))
        assert posts_extending.extend(post, 365, user=desk.user)
        assert (desk.seen(post).ends_at - timezone.now()).days >= 364
        assert desk.office.calls["extend_post"] == 1

    def test_a_code_that_more_days_made_anew_is_still_the_posts_own(
        self, desk: Desk
    ) -> None:
        post = desk.worked(desk.mint(30))
        anew = "#the-same-post-with-more-days"
        desk.office.knows(anew, days=365)
        desk.office.bound[desk.account.external_id] = [anew]
        assert (desk.worked(post).ends_at - timezone.now()).days >= 364

    def test_more_days_that_no_read_shows_are_not_believed(self, desk: Desk) -> None:
        post = desk.worked(desk.mint(30))
        desk.office.troubles["extend_post"] = LOST_ANSWER
        assert not posts_extending.extend(post, 365, user=desk.user)
