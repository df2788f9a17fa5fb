"""Posts that stand: read again and again until their end, or taken back."""

from __future__ import annotations

import datetime as dt
from unittest.mock import Mock

import pytest
from django.utils import timezone

from accounts.flows import posts, posts_binding, posts_judging, posts_work
from accounts.models import Connection, PlatformRead, PostAuthorization, VaultSecret
from tests.accounts.flows.post_office import CODE, ITEM, LOST_ANSWER, refusal
from tests.accounts.flows.posted import BY, Desk, give_creators_key
from tests.factory import Factory

State = PostAuthorization.State


class TestReadAgain:
    def test_a_failed_read_changes_nothing_but_the_time(self, desk: Desk) -> None:
        post = desk.worked(desk.type_in())
        before = {**PostAuthorization.objects.values().get(), "next_check_at": None}
        desk.office.troubles["posts"] = refusal("outage", permanent=False)
        desk.worked(post)
        after = {**PostAuthorization.objects.values().get(), "next_check_at": None}
        assert after == before
        assert PlatformRead.objects.filter(is_whole=False).exists()

    def test_one_read_without_it_is_not_the_end(self, desk: Desk) -> None:
        post = desk.worked(desk.type_in())
        desk.listed.clear()
        post = desk.worked(desk.worked(post))  # whoever presses twice counts once
        assert post.state == State.ACTIVE
        assert "next look that counts" in post.problem
        PlatformRead.objects.update(
            read_at=timezone.now() - posts_judging.SECOND_LOOK,
        )
        PostAuthorization.objects.update(
            verified_at=timezone.now() - dt.timedelta(hours=6)
        )
        post = desk.worked(post)
        assert post.state == State.ENDED
        assert "no longer lists it" in post.problem

    def test_a_code_the_creator_took_back_is_over_at_once(self, desk: Desk) -> None:
        post = desk.worked(desk.type_in())
        desk.office.now_says("CANCELED")
        post = desk.worked(post)
        assert post.state == State.ENDED
        assert "took the code back" in post.problem

    def test_a_word_nobody_knows_is_settled_by_the_code_itself(
        self, desk: Desk
    ) -> None:
        post = desk.worked(desk.type_in())
        desk.office.now_says("SOMETHING_NEW")
        read_again = desk.worked(post)
        assert read_again.state == State.ACTIVE
        assert read_again.verified_at > post.verified_at
        assert read_again.native_status == "SOMETHING_NEW"
        desk.office.troubles["post_of_code"] = refusal("code_used")
        unproved = desk.worked(post)
        assert unproved.verified_at == read_again.verified_at
        assert "next look that counts" in unproved.problem

    def test_past_its_end_one_clean_read_ends_it(self, desk: Desk) -> None:
        post = desk.worked(desk.type_in())
        PostAuthorization.objects.update(ends_at=timezone.now())
        desk.listed.clear()
        post = desk.worked(post)
        assert (post.state, post.problem, post.code_ref) == (State.ENDED, "", "")

    def test_the_clock_alone_does_not_end_it(self, desk: Desk) -> None:
        post = desk.worked(desk.type_in())
        PostAuthorization.objects.update(ends_at=timezone.now())
        assert desk.worked(post).state == State.ACTIVE  # the creator gave more days

    def test_near_its_end_it_is_read_hourly_and_at_the_end(
        self, factory: Factory
    ) -> None:
        now = timezone.now()
        post = factory.make_post(ends_at=now + dt.timedelta(hours=20))
        assert posts_judging.next_look(post) <= now + dt.timedelta(hours=1, seconds=5)
        post.ends_at = now + dt.timedelta(minutes=10)
        assert posts_judging.next_look(post) == post.ends_at

    def test_an_ad_account_is_read_once_for_all_its_posts(self, desk: Desk) -> None:
        other = "#a-code-of-another-post-of-theirs"
        desk.office.knows(other, "7439920117305662753")
        for code in (CODE, other):
            desk.worked(desk.type_in(code))
        PostAuthorization.objects.update(next_check_at=timezone.now())
        desk.office.calls.clear()
        assert posts_work.sweep() == 2
        assert desk.office.calls == {"posts": 1}


class TestSwept:
    """The minute's sweep comes to everybody, however long the queue."""

    OTHER = "#a-code-of-another-post-of-theirs"

    @pytest.fixture
    def waiting(self, desk: Desk) -> PostAuthorization:
        """Have one to bind; one that stands is to be read as well."""
        desk.worked(desk.type_in())
        desk.office.knows(self.OTHER, "7439920117305662753")
        post = desk.type_in(self.OTHER)
        PostAuthorization.objects.update(next_check_at=timezone.now())
        desk.office.calls.clear()
        return post

    def test_it_reads_before_it_binds(
        self, desk: Desk, waiting: PostAuthorization
    ) -> None:
        assert posts_work.sweep() == 2
        standing = PostAuthorization.objects.exclude(pk=waiting.pk).get()
        assert standing.last_read.read_at < desk.seen(waiting).last_read.read_at

    def test_it_sits_no_list_out(
        self, desk: Desk, waiting: PostAuthorization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = Mock()
        monkeypatch.setattr(posts_binding, "WAITS", (0, 3, 10))
        monkeypatch.setattr(posts_binding, "time", clock)
        desk.office.troubles["authorize_post"] = LOST_ANSWER
        posts_work.sweep()
        clock.sleep.assert_called_once_with(0)
        assert "does not list the code yet" in desk.seen(waiting).problem

    def test_what_there_is_no_time_for_stays_due_and_free(
        self, desk: Desk, waiting: PostAuthorization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(posts_work, "BUDGET", dt.timedelta())
        posts_work.sweep()
        assert not desk.office.calls
        due = PostAuthorization.objects.filter(next_check_at__lte=timezone.now())
        assert due.filter(lease_until=None).count() == 2


class TestTakenBack:
    def test_it_is_over_when_the_list_is_without_it(self, desk: Desk) -> None:
        post = desk.worked(desk.type_in())
        assert posts.withdraw(post, reason="The campaign is over.", by=BY)
        post = desk.worked(post)
        assert (post.state, desk.listed) == (State.WITHDRAWN, [])
        assert not VaultSecret.objects.filter(reference__startswith="posts/").exists()

    def test_twice_is_once(self, desk: Desk) -> None:
        post = desk.worked(desk.type_in())
        assert posts.withdraw(post, reason="Over.", by=BY)
        assert not posts.withdraw(post, reason="Over.", by=BY)
        desk.worked(desk.worked(post))
        assert desk.office.calls["unbind_post"] == 1

    def test_a_refusal_keeps_it_open_and_says_what_to_stop(self, desk: Desk) -> None:
        post = desk.worked(desk.type_in())
        desk.office.troubles["unbind_post"] = refusal()
        posts.withdraw(post, reason="Over.", by=BY)
        post = desk.worked(post)
        assert post.state == State.WITHDRAWING
        assert "Stop the ads that use this post" in post.problem
        assert post.next_check_at is not None

    def test_a_lost_answer_is_settled_by_the_list(self, desk: Desk) -> None:
        post = desk.worked(desk.type_in())
        desk.office.after["unbind_post"] = LOST_ANSWER
        posts.withdraw(post, reason="Over.", by=BY)
        assert desk.worked(post).state == State.WITHDRAWN

    def test_a_code_we_had_made_is_deleted_at_the_creators_too(
        self, desk: Desk, factory: Factory
    ) -> None:
        give_creators_key(desk.authorization, factory)
        post = desk.worked(desk.mint())
        desk.office.troubles["forbid_post"] = refusal()
        posts.withdraw(post, reason="Over.", by=BY)
        post = desk.worked(post)
        assert post.state == State.WITHDRAWING
        assert "an ad may still use it" in post.problem
        del desk.office.troubles["forbid_post"]
        assert desk.worked(post).state == State.WITHDRAWN
        assert desk.office.statuses[ITEM].status == "DELETED"

    def test_one_whose_key_is_over_ends_when_it_is_unbound(
        self, desk: Desk, factory: Factory
    ) -> None:
        give_creators_key(desk.authorization, factory)
        post = desk.worked(desk.mint())
        Connection.objects.filter(kind="creator").update(state="needs_reauthorization")
        posts.withdraw(post, reason="Over.", by=BY)
        post = desk.worked(post)
        assert (post.state, desk.listed) == (State.WITHDRAWN, [])
        assert "lives to its end" in post.problem

    def test_a_read_under_way_does_not_bring_it_back(self, desk: Desk) -> None:
        seen = desk.worked(desk.type_in())
        posts.withdraw(desk.seen(seen), reason="Over.", by=BY)
        assert not posts_judging.move(seen, State.ENDED, by=BY)
        assert desk.seen(seen).state == State.WITHDRAWING
