"""Posts that may run as ads: a code typed in or made, bound, given up.

The intent is committed here, with its event; a task makes the calls (posts_work.py).
What a write says proves nothing: only a read moves a post on (posts_reading.py).
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import posts_keys
from accounts.flows.posts_steps import (
    IS_ANOTHERS,
    State,
    digest_of,
    end_of,
    others_of,
    place_of,
    tell,
)
from accounts.models import (
    Asset,
    PostAuthorization,
    SparkAuthorization,
    User,
)
from accounts.outbound.secret import Secret
from accounts.platforms.registry import platform
from accounts.trail import Actor
from accounts.vault import VaultError, vault

Source = PostAuthorization.Source
AuthState = SparkAuthorization.State

# What may still be given up.
TAKEABLE = (State.WAITING, State.UNUSED, State.ACTIVE)
# Nothing new begins under these.
GOING = (AuthState.WITHDRAWING, AuthState.WITHDRAWN)

GIVEN_UP = "{authorization} is given up. Ask {creator} anew, then enter the code."
ENTERED = "This code is entered already. Search the list for its last four: {end}."
HAS_CODE = (
    "{creator}'s post {item} has a code here already, ending in {end}. Give it more"
    " days on its page."
)
NOT_OFFERED = "{platform} makes codes for {days} days only."
NO_KEY = (
    "We hold no key of {creator} that makes codes. {creator} makes it in the app and"
    " sends it, or signs in with the link and ticks “Use posts for ads”."
)
OTHERS_ACCOUNT = "{account} is no ad account of {client}. Choose one of theirs."
NOT_NOW = "It was bound or ended meanwhile. Look at the page again."


class CannotUse(Exception):
    """Says in a sentence why not, and who acts instead."""


# Intents --------------------------------------------------------------------------


def type_in(
    authorization: SparkAuthorization, ad_account: Asset, code: Secret, *, user: User
) -> PostAuthorization:
    """Put a creator's code into the vault, to be bound to the ad account by a task.

    Raises CannotUse; nothing is written then.
    """
    post = PostAuthorization(
        authorization=authorization,
        ad_account=ad_account,
        source=Source.TYPED,
        code_end=end_of(code),
        code_digest=digest_of(code),
        made_by=user,
    )

    def refuse() -> None:
        known = PostAuthorization.objects.live().filter(code_digest=post.code_digest)
        if known.exists():
            raise CannotUse(ENTERED.format(end=post.code_end))

    by = Actor.staff(user)
    post.code_ref = place_of(post)
    _begin(post, "post.typed", by, refuse, code)
    return post


def mint(
    authorization: SparkAuthorization,
    item_id: str,
    days: int,
    ad_account: Asset | None = None,
    *,
    user: User,
) -> PostAuthorization:
    """Ask for a code of the creator's post, made with the creator's key by a task.

    Raises CannotUse; nothing is written then.
    """
    creator = authorization.creator
    if no := why_not_days(authorization, days):
        raise CannotUse(no)
    if posts_keys.of_creator(authorization) is None:
        raise CannotUse(NO_KEY.format(creator=creator))
    post = PostAuthorization(
        authorization=authorization,
        ad_account=ad_account,
        source=Source.MINTED,
        item_id=item_id,
        days=days,
        made_by=user,
    )

    def refuse() -> None:
        known = others_of(post)
        if one := known.filter(authorization=authorization).first():
            raise CannotUse(
                HAS_CODE.format(creator=creator, item=item_id, end=one.code_end or "…")
            )
        if known.exists():
            raise CannotUse(IS_ANOTHERS.format(creator=creator, item=item_id))

    _begin(post, "post.mint_asked", Actor.staff(user), refuse)
    return post


def bind(post: PostAuthorization, ad_account: Asset, *, user: User) -> None:
    """Let an ad account use a code that none uses yet. Raises CannotUse.

    What the creator's key told of it proves nothing of the ad account.
    """
    if no := _why_not_this(post.authorization, ad_account):
        raise CannotUse(no)
    unbound = PostAuthorization.objects.filter(
        pk=post.pk, state=State.UNUSED, ad_account=None
    )
    now = timezone.now()
    with transaction.atomic():
        if not unbound.update(
            ad_account=ad_account,
            state=State.WAITING,
            since=now,
            verified_at=None,
            next_check_at=now,
        ):
            raise CannotUse(NOT_NOW)
        post.ad_account, post.state = ad_account, State.WAITING
        tell(post, "post.bind_asked", Actor.staff(user))
        _queue(post)


def withdraw(post: PostAuthorization, *, reason: str, by: Actor) -> bool:
    """Put a post on its way out of the ad account; False if nothing is left of it.

    Ads that use it stop. A task makes the calls; it is over when a read shows it gone.
    """
    now = timezone.now()
    standing = PostAuthorization.objects.filter(pk=post.pk, state__in=TAKEABLE)
    with transaction.atomic():
        begun = standing.update(
            state=State.WITHDRAWING, problem="", since=now, next_check_at=now
        )
        if begun:
            post.state, post.problem, post.since = State.WITHDRAWING, "", now
            tell(post, "post.withdraw_asked", by, reason=reason)
            _queue(post)
    return bool(begun)


def why_not_days(authorization: SparkAuthorization, days: int) -> str:
    spec = platform(authorization.platform)
    if days in spec.spark.post_days:
        return ""
    offered = ", ".join(map(str, spec.spark.post_days))
    return NOT_OFFERED.format(platform=spec.label, days=offered)


def _begin(
    post: PostAuthorization,
    action: str,
    by: Actor,
    refuse: Callable[[], None],
    code: Secret | None = None,
) -> None:
    """Save a post that is due at once. The lock lets no second of the same through.

    It is on the creator, too: another client's colleagues may ask for the same post.
    """
    rows = SparkAuthorization.objects.select_related("client", "creator")
    try:
        with transaction.atomic():
            key = post.authorization_id
            authorization = rows.select_for_update(of=("self", "creator")).get(pk=key)
            if no := _why_not_under(authorization, post.ad_account):
                raise CannotUse(no)
            refuse()
            post.authorization, post.next_check_at = authorization, timezone.now()
            if code is not None:
                vault().set(post.code_ref, code, by=by)
            post.save(force_insert=True)
            tell(post, action, by)
            _queue(post)
    except VaultError as error:
        raise CannotUse(str(error)) from None


def _why_not_under(authorization: SparkAuthorization, account: Asset | None) -> str:
    if authorization.state in GOING:
        return GIVEN_UP.format(
            authorization=authorization, creator=authorization.creator
        )
    return _why_not_this(authorization, account) if account else ""


def _why_not_this(authorization: SparkAuthorization, account: Asset) -> str:
    is_theirs = account.client_id == authorization.client_id
    if is_theirs and account.kind == Asset.Kind.AD_ACCOUNT:
        return ""
    return OTHERS_ACCOUNT.format(account=account, client=authorization.client)


def _queue(post: PostAuthorization) -> None:
    async_task("accounts.tasks.carry_out_posts", [str(post.pk)])
