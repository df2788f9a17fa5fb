"""Take a creator's account back, from the outside in: each step is read gone first.

Posts are unbound, ad accounts unlinked, our people taken off, the account leaves our
center, and last the creator's key is given back. Any step may be repeated; a worker
killed anywhere is followed by one who reads what is left. What another authorization
still needs stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.flows import (
    agency,
    connections,
    disconnecting,
    spark_ad_accounts,
    spark_members,
)
from accounts.flows.proof import CANNOT_VERIFY
from accounts.flows.spark import carry_on
from accounts.flows.spark_ad_accounts import READS_ON
from accounts.flows.spark_lists import SparkReader
from accounts.flows.spark_moving import move, refresh, tell
from accounts.models import (
    Connection,
    Consent,
    PostAuthorization,
    SparkAdAccount,
    SparkAuthorization,
)
from accounts.outbound import OutboundError
from accounts.trail import Actor
from accounts.zones import house_clock

State = SparkAuthorization.State
WaitsOn = SparkAuthorization.WaitsOn
LinkState = SparkAdAccount.State

# What may still be held by somebody, and so may be taken back.
TAKEABLE = (State.UNVERIFIED, State.ACTIVE, State.LOST)

STILL_LISTED = "{center} still lists the account. " + READS_ON
WITH_THE_ACCOUNT = "It goes with the creator's account."
STILL_BOUND = "{n} of its posts are not gone yet: {why}"
STILL_LINKED = "{account} still uses it: {why}"
STILL_ON_IT = "{person} is still on it: {why}"
KEY_STANDS = "The creator's key is being ended. {why}"


@dataclass(frozen=True)
class Uses:
    """What is known to use the account for this client: it stops with the access."""

    ad_accounts: list[SparkAdAccount]
    posts: list[PostAuthorization]
    others: list[SparkAuthorization]

    @property
    def stops(self) -> bool:
        """True when running ads may pause with it."""
        return bool(self.ad_accounts or self.posts)


def uses_of(authorization: SparkAuthorization) -> Uses:
    """Return what uses it, and which other authorizations share the account or key."""
    links = authorization.ad_accounts.exclude(state=LinkState.ENDED)
    live = PostAuthorization.objects.live().filter(authorization=authorization)
    return Uses(
        list(links.select_related("ad_account")),
        list(live.select_related("ad_account").order_by("ends_at")),
        list(_others(authorization).select_related("client", "creator")),
    )


def awaits_a_read(authorization: SparkAuthorization) -> bool:
    """True while nothing was refused: another read within the minute may tell more."""
    return authorization.waits_on == WaitsOn.PORTAL


def can_withdraw(authorization: SparkAuthorization) -> bool:
    return authorization.state in TAKEABLE


def withdraw(authorization: SparkAuthorization, *, reason: str, user: Any) -> bool:
    """Put it on its way down, for a task; False if there is nothing to take back."""
    by = Actor.staff(user)
    with transaction.atomic():
        refresh(authorization)
        if not can_withdraw(authorization):
            return False
        tell(authorization, "spark.withdraw_asked", by, reason=reason)
        move(authorization, State.WITHDRAWING, by=by, missed_at=None)
        authorization.ad_accounts.exclude(state=LinkState.ENDED).update(
            state=LinkState.ENDING, problem=""
        )
        carry_on(authorization)
    return True


def bring_on(authorization: SparkAuthorization, reader: SparkReader) -> None:
    """Go as far as reads allow; say what is left, and leave the rest to the next."""
    keys = _keys(authorization)
    steps: Iterable[Callable[[], str]] = (
        partial(_end_posts, authorization, reader),
        partial(_unlink, authorization, keys, reader),
        partial(_take_people_off, authorization, keys, reader),
        partial(_leave_center, authorization, keys, reader),
        partial(_end_key, authorization, reader),
    )
    for step in steps:
        if left := step():
            turn = WaitsOn.PORTAL if left.endswith(READS_ON) else WaitsOn.US
            told = {"problem": left, "waits_on": turn}
            move(authorization, State.WITHDRAWING, by=reader.by, **told)
            return
    move(authorization, State.WITHDRAWN, by=reader.by, granted=[])


def _others(authorization: SparkAuthorization) -> QuerySet[SparkAuthorization]:
    """Return the live authorizations of the same creator: for other clients."""
    others = SparkAuthorization.objects.filter(
        creator=authorization.creator_id, platform=authorization.platform
    )
    live = others.exclude(state__in=SparkAuthorization.OVER)
    return live.exclude(pk=authorization.pk)


def _keys(authorization: SparkAuthorization) -> list[Connection]:
    center = authorization.center
    return agency.keys_for(center.as_grantee) if center else []


def _is_in_center(authorization: SparkAuthorization) -> bool:
    """True while something of it may be in our center."""
    is_known = authorization.account_id and authorization.center_id
    return bool(is_known) and authorization.center_gone_at is None


def _no_key(authorization: SparkAuthorization) -> str:
    return CANNOT_VERIFY.format(receiver=authorization.center)


def _end_posts(authorization: SparkAuthorization, reader: SparkReader) -> str:
    """Unbind every post that is live; return what is left of them."""
    from accounts.flows import posts

    live = PostAuthorization.objects.live().filter(authorization=authorization)
    for post in live.exclude(state=PostAuthorization.State.WITHDRAWING):
        posts.withdraw(post, reason=WITH_THE_ACCOUNT, by=reader.by)
    left = list(live)
    if not left:
        return ""
    why = next((one.problem for one in left if one.problem), READS_ON)
    return STILL_BOUND.format(n=len(left), why=why)


def _unlink(
    authorization: SparkAuthorization, keys: list[Connection], reader: SparkReader
) -> str:
    left = authorization.ad_accounts.exclude(state=LinkState.ENDED)
    if not left.exists():
        return ""
    if not _is_in_center(authorization):  # never linked, or gone with the center
        left.update(state=LinkState.ENDED, problem="")
        return ""
    if not keys:
        return _no_key(authorization)
    spark_ad_accounts.bring_on(authorization, keys[0], reader)
    for link in left.select_related("ad_account"):
        words = {"account": link.ad_account, "why": link.problem or READS_ON}
        return STILL_LINKED.format(**words)
    return ""


def _take_people_off(
    authorization: SparkAuthorization, keys: list[Connection], reader: SparkReader
) -> str:
    """Take off whom no other authorization serves on the account."""
    account, center = authorization.account, authorization.center
    if account is None or center is None or not _is_in_center(authorization):
        return ""
    kept = spark_members.wanted(account, center)
    left = spark_members.of_account(account, center).exclude(grantee__in=kept)
    if not left.exists():
        return ""
    if not keys:
        return _no_key(authorization)
    spark_members.bring_on(authorization, keys[0], reader)
    for grant in left.all():
        words = {"person": grant.grantee, "why": grant.problem or READS_ON}
        return STILL_ON_IT.format(**words)
    return ""


def _leave_center(
    authorization: SparkAuthorization, keys: list[Connection], reader: SparkReader
) -> str:
    """Take the account out of our center, once nobody else of ours needs it there."""
    account, center = authorization.account, authorization.center
    if account is None or center is None or not _is_in_center(authorization):
        return ""
    if _others(authorization).filter(account=account, center=center).exists():
        return ""
    if not keys:
        return _no_key(authorization)
    key, ids = keys[0], (center.external_id, account.external_id)
    try:
        listed = {row.external_id for row in reader.creator_accounts(key, ids[0])}
        if account.external_id in listed:
            _remove(authorization, key, ids, reader)
            reader.forget()
            listed = {row.external_id for row in reader.creator_accounts(key, ids[0])}
    except OutboundError as error:
        return str(error)
    if account.external_id in listed:
        return STILL_LISTED.format(center=center)
    _book_gone(authorization, reader)
    return ""


def _remove(
    authorization: SparkAuthorization,
    key: Connection,
    ids: tuple[str, str],
    reader: SparkReader,
) -> None:
    """Make the call; a time-out is no refusal: a read decides. Raises OutboundError."""
    with transaction.atomic():
        told = {"center": str(authorization.center)}
        tell(authorization, "spark.remove_sent", reader.by, **told)
    try:
        connections.call(
            key,
            lambda connector, token: connector.remove_creator_account(token, *ids),
            purpose="take a creator's account out of our center",
            by=reader.by,
            in_person=True,
        )
    except OutboundError as error:
        if not error.outcome_unknown and error.kind not in ("duplicate", "gone"):
            raise


def _book_gone(authorization: SparkAuthorization, reader: SparkReader) -> None:
    now = timezone.now()
    with transaction.atomic():
        SparkAuthorization.objects.filter(pk=authorization.pk).update(
            center_gone_at=now, center_read_at=now
        )
        authorization.center_gone_at = authorization.center_read_at = now
        told = {"center": str(authorization.center), "seen": house_clock(now)}
        tell(authorization, "spark.center_gone", reader.by, **told)


def _end_key(authorization: SparkAuthorization, reader: SparkReader) -> str:
    """Give every key of the creator's back that no other authorization needs.

    They may have connected anew, with another login: the key before is theirs too.
    """
    needed = _others(authorization).exclude(connection=None).values("connection")
    standing = Consent.objects.standing().filter(
        purpose=Consent.Purpose.CREATOR,
        creator=authorization.creator_id,
        connection__platform=authorization.platform,
    )
    ending = standing.exclude(connection__in=needed)
    for consent in ending.select_related("connection", "client"):
        disconnecting.end_now(consent, by=reader.by)
    keys = Connection.objects.standing().filter(consents__in=ending)
    for key in keys.distinct():
        return KEY_STANDS.format(why=key.problem or READS_ON)
    return ""
