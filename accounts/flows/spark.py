"""Spark authorizations: what is asked of a creator, changed, answered, let go.

A creator answers by our own page (a key comes) or by a Business Center's code (the
account appears in its list). Neither is access: only a read back makes it active
(spark_reading.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows import disconnecting, seats
from accounts.flows.practices import why_left
from accounts.flows.spark_moving import move, refresh, tell, words
from accounts.models import (
    Asset,
    Client,
    Connection,
    Consent,
    Creator,
    Grantee,
    SparkAdAccount,
    SparkAuthorization,
    User,
)
from accounts.platforms.spark import POSTS, WORDS
from accounts.trail import Actor

State = SparkAuthorization.State

ASKED_ALREADY = "{creator} is asked for {client} already. Here it is."
NO_WORDS = "Choose what {creator} is asked for. Without “{posts}” there are no ads."
NOT_SEATED = (
    "{person} has no seat in {center} that a read has shown. Invite them first."
)
NO_CENTER = "Choose the Business Center first: our people work there, and so do ads."
NOT_THEIRS = "{account} is not an ad account of {client}."
IS_OVER = "{authorization}: {state}. Ask anew."


class CannotAsk(Exception):
    """Says in a sentence why nothing was asked or changed."""


class AlreadyAsked(CannotAsk):
    """The creator is asked for this client already: `authorization`."""

    def __init__(self, authorization: SparkAuthorization) -> None:
        self.authorization = authorization
        words = {"creator": authorization.creator.shown, "client": authorization.client}
        super().__init__(ASKED_ALREADY.format(**words))


def ask(
    client: Client,
    creator: Creator,
    *,
    platform: str,
    asked: Iterable[str],
    campaign: str,
    campaign_ends_on: dt.date,
    center: Asset | None,
    closes_at: dt.datetime,
    user: User,
    is_own: bool = False,
    members: Sequence[Grantee] = (),
    ad_accounts: Sequence[Asset] = (),
) -> SparkAuthorization:
    """Ask a creator for the use of their account, for one client and campaign.

    The center's list is read at once: the account may be there already.
    Raises CannotAsk; nothing is written then.
    """
    _check(client, creator, asked, center, members, ad_accounts)
    try:
        with transaction.atomic():
            authorization = SparkAuthorization.objects.create(
                platform=platform,
                client=client,
                creator=creator,
                is_own=is_own,
                center=center,
                asked=in_order(asked),
                campaign=campaign,
                campaign_ends_on=campaign_ends_on,
                closes_at=closes_at,
                asked_by=user,
                waits_on=SparkAuthorization.WaitsOn.US,
                next_check_at=timezone.now(),
            )
            authorization.served.set(members)
            _want(authorization, ad_accounts)
            asked_for = {"words": words(asked), "campaign": campaign}
            tell(authorization, "spark.asked", Actor.staff(user), **asked_for)
            carry_on(authorization)
    except IntegrityError:
        live = SparkAuthorization.objects.exclude(state__in=SparkAuthorization.ENDED)
        known = live.get(client=client, creator=creator, platform=platform)
        raise AlreadyAsked(known) from None
    return authorization


def change(
    authorization: SparkAuthorization,
    *,
    asked: Iterable[str],
    campaign: str,
    campaign_ends_on: dt.date,
    closes_at: dt.datetime,
    user: User,
) -> bool:
    """Ask for something else; False if nothing is new. A read tells what is granted.

    Raises CannotAsk; nothing is written then.
    """
    new: dict[str, Any] = {
        "asked": in_order(asked),
        "campaign": campaign,
        "campaign_ends_on": campaign_ends_on,
        "closes_at": closes_at,
    }
    with transaction.atomic():
        _hold(authorization)
        if not new["asked"]:
            posts, creator = WORDS[POSTS], authorization.creator.shown
            raise CannotAsk(NO_WORDS.format(creator=creator, posts=posts))
        told = {name: getattr(authorization, name) for name in new}
        if told == new:
            return False
        _save(authorization, **new)
        after = {**new, "asked": words(new["asked"])}
        before = {**told, "asked": words(told["asked"])}
        data = {
            "words": after["asked"],
            "campaign": campaign,
            "after": {name: str(value) for name, value in after.items()},
            "before": {name: str(value) for name, value in before.items()},
        }
        tell(authorization, "spark.changed", Actor.staff(user), **data)
        carry_on(authorization)
    return True


def serve(
    authorization: SparkAuthorization, members: Sequence[Grantee], *, user: User
) -> bool:
    """Say whom of our people it serves from now on; False if that is as it was.

    Their roles on the account are grants: put on and taken off by a task, read back.
    Raises CannotAsk; nothing is written then.
    """
    with transaction.atomic():
        _hold(authorization)
        stays = set(authorization.served.values_list("pk", flat=True))
        news = [person for person in members if person.pk not in stays]
        _check_members(authorization.center, news)
        if {person.pk for person in members} == stays:
            return False
        authorization.served.set(members)
        names = ", ".join(str(person.member or person) for person in members)
        by = Actor.staff(user)
        tell(authorization, "spark.members", by, people=names or "nobody")
        carry_on(authorization)
    return True


def use_in(
    authorization: SparkAuthorization, ad_accounts: Sequence[Asset], *, user: User
) -> bool:
    """Say which ad accounts use it from now on; False if that is as it was.

    Raises CannotAsk; nothing is written then.
    """
    with transaction.atomic():
        _hold(authorization)
        _check_ad_accounts(authorization.client, ad_accounts)
        rows = authorization.ad_accounts
        wanted = {account.pk for account in ad_accounts}
        using = (SparkAdAccount.State.WANTED, SparkAdAccount.State.LINKED)
        left = rows.filter(state__in=using).exclude(ad_account__in=wanted)
        news = _want(authorization, ad_accounts)
        ended = left.update(state=SparkAdAccount.State.ENDING, problem="")
        if not news and not ended:
            return False
        names = ", ".join(str(account) for account in ad_accounts) or "none"
        tell(authorization, "spark.ad_accounts", Actor.staff(user), accounts=names)
        carry_on(authorization)
    return True


def connect(
    authorization: SparkAuthorization, connection: Connection, *, by: Actor
) -> bool:
    """Book that the creator's key came; False if the authorization is over.

    The key's own word is read next: what was ticked is not what was granted. One that
    it replaces is given back.
    """
    with transaction.atomic():
        refresh(authorization)
        if authorization.is_over:
            return False
        is_new = authorization.state in (State.WAITING, State.LOST)
        state = State.UNVERIFIED if is_new else authorization.state
        replaced = authorization.connection
        tell(authorization, "spark.connected", by, label=str(connection))
        move(authorization, state, by=by, connection=connection, missed_at=None)
        if replaced is not None and replaced != connection:
            _give_back(replaced, by=by)
        carry_on(authorization)
    return True


def _give_back(key: Connection, *, by: Actor) -> None:
    """Have a creator's key ended that no other authorization uses."""
    if key.authorizations.exclude(state__in=SparkAuthorization.ENDED).exists():
        return
    for consent in key.consents.filter(purpose=Consent.Purpose.CREATOR):
        disconnecting.ask(consent, by=by)


def decline(authorization: SparkAuthorization, *, by: Actor) -> bool:
    """Book that the creator said no on our page; False if it had gone on by then."""
    with transaction.atomic():
        refresh(authorization)
        if authorization.state != State.WAITING:
            return False
        return move(authorization, State.DECLINED, by=by)


def close(authorization: SparkAuthorization, *, by: Actor) -> bool:
    """End the wait of one that nobody answered; its links lead nowhere then."""
    with transaction.atomic():
        refresh(authorization)
        if authorization.state != State.WAITING:
            return False
        return move(authorization, State.EXPIRED, by=by)


def carry_on(authorization: SparkAuthorization) -> None:
    """Have a task read and do what is due. Call inside the change's transaction."""
    async_task("accounts.tasks.carry_out_spark", [str(authorization.pk)])


def in_order(asked: Iterable[str]) -> list[str]:
    wanted = set(asked)
    return [word for word in WORDS if word in wanted]


def _save(authorization: SparkAuthorization, **values: Any) -> None:
    for name, value in values.items():
        setattr(authorization, name, value)
    authorization.save(update_fields=list(values))


def _hold(authorization: SparkAuthorization) -> None:
    """Hold the row until the transaction ends; CannotAsk for one that is over."""
    refresh(authorization)
    if authorization.is_over:
        state = authorization.get_state_display().lower()
        raise CannotAsk(IS_OVER.format(authorization=authorization, state=state))


def _want(authorization: SparkAuthorization, accounts: Iterable[Asset]) -> int:
    """Want these ad accounts linked; return how many were not before."""
    news = 0
    for account in accounts:
        link, made = authorization.ad_accounts.get_or_create(ad_account=account)
        is_linked = link.state == SparkAdAccount.State.LINKED and not link.problem
        if made or not (is_linked or link.state == SparkAdAccount.State.WANTED):
            link.state, link.problem = SparkAdAccount.State.WANTED, ""
            link.save(update_fields=["state", "problem"])
            news += 1
    return news


def _check(
    client: Client,
    creator: Creator,
    asked: Iterable[str],
    center: Asset | None,
    members: Sequence[Grantee],
    ad_accounts: Sequence[Asset],
) -> None:
    if not in_order(asked):
        no = NO_WORDS.format(creator=creator.shown, posts=WORDS[POSTS])
        raise CannotAsk(no)
    _check_members(center, members)
    _check_ad_accounts(client, ad_accounts)
    if ad_accounts and center is None:
        raise CannotAsk(NO_CENTER)


def _check_members(center: Asset | None, members: Sequence[Grantee]) -> None:
    if members and center is None:
        raise CannotAsk(NO_CENTER)
    seated: set[Any] = set()
    if center is not None:
        seated = set(seats.seated(center).values_list("pk", flat=True))
    for person in members:
        if no := why_left(person.member):
            raise CannotAsk(no)
        if person.pk not in seated:
            named = {"person": person.member or person, "center": center}
            raise CannotAsk(NOT_SEATED.format(**named))


def _check_ad_accounts(client: Client, ad_accounts: Sequence[Asset]) -> None:
    for account in ad_accounts:
        if account.client_id != client.pk:
            raise CannotAsk(NOT_THEIRS.format(account=account, client=client))
