"""Posts with work due: claimed by a lease, carried out, read, released.

Due work is a column. A task that just wrote a post claims it at once; whatever a killed
worker leaves behind is claimed by the next sweep when its lease has run out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import takewhile
from uuid import UUID

from django.utils import timezone

from accounts.flows import posts_binding
from accounts.flows.apart import in_turn, put_off
from accounts.flows.leases import leased
from accounts.flows.posts_reading import read_account, read_code
from accounts.flows.posts_steps import State, for_work
from accounts.flows.posts_withdrawing import take_back
from accounts.flows.spark_work import BUDGET
from accounts.models import Asset, PostAuthorization
from accounts.models.base import free
from accounts.trail import Actor

BATCH = 100
AT_ONCE = (0,)


def carry_out(post_ids: Iterable[UUID | str]) -> int:
    """Do what these posts ask for; return how many were ours to do.

    What is bound now is waited for until the list shows it.
    """
    by = Actor.task("posts")
    with _claimed(post_ids) as posts:
        in_turn(_acts(posts, by=by, waits=posts_binding.WAITS))
        return len(posts)


def sweep() -> int:
    """Carry out and read what is due while there is time; return how many were ours.

    Nobody sits a list's lag out here, and what is left stays due: every minute.
    """
    now, by = timezone.now(), Actor.task("sweep")
    due = PostAuthorization.objects.filter(free(now), next_check_at__lte=now)
    first = due.order_by("next_check_at").values_list("pk", flat=True)[:BATCH]
    with _claimed(list(first)) as posts:
        acts = _acts(posts, by=by)
        in_turn(takewhile(lambda _: timezone.now() < now + BUDGET, acts))
        return len(posts)


def read_now(post: PostAuthorization, *, by: Actor) -> bool:
    """Read at somebody's wish; False while a worker has it in hand."""
    with _claimed([post.pk]) as mine:
        in_turn(_acts(mine, by=by, waits=posts_binding.WAITS, in_person=True))
    return bool(mine)


def _acts(
    posts: list[PostAuthorization],
    *,
    by: Actor,
    waits: Sequence[int] = AT_ONCE,
    in_person: bool = False,
) -> Iterator[Callable[[], None]]:
    """Yield what is to be done, each apart: reads first, by ad account, then writes."""
    lists: defaultdict[Asset, list[PostAuthorization]] = defaultdict(list)
    reads: list[Callable[[], None]] = []
    writes: list[Callable[[], None]] = []
    for post in posts:
        if post.state == State.WAITING:
            act = partial(posts_binding.bring_on, post, waits=waits, by=by)
            writes.append(put_off([post])(act))
        elif post.state == State.WITHDRAWING:
            writes.append(put_off([post])(partial(take_back, post, by=by)))
        elif post.ad_account is not None:
            lists[post.ad_account].append(post)
        else:
            read = partial(read_code, post, by=by, in_person=in_person)
            reads.append(put_off([post])(read))
    for account, bound in lists.items():
        read = partial(read_account, account, bound, by=by, in_person=in_person)
        yield put_off(bound)(read)
    yield from (*reads, *writes)


@contextmanager
def _claimed(post_ids: Iterable[UUID | str]) -> Iterator[list[PostAuthorization]]:
    """Yield the posts this call could lease; the leases end with it."""
    with leased(PostAuthorization.objects.live(), post_ids) as mine:
        yield list(for_work(PostAuthorization.objects.filter(pk__in=mine)))
