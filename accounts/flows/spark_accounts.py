"""Which account of our center's list is the creator's: known once, then by its id.

The list tells an id and a name, and no handle (TikTok facts 5.2). An account is taken
for a creator's only where exactly one that nobody has is called so; else staff choose.
An account that nobody has is kept with the center that listed it last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.flows.spark import CannotAsk, carry_on
from accounts.flows.spark_moving import tell
from accounts.models import Asset, Creator, SparkAuthorization
from accounts.trail import Actor

State = SparkAuthorization.State

# What our center has an account for; of a lost one no list showed it.
HELD = (State.UNVERIFIED, State.ACTIVE, State.WITHDRAWING)

SEVERAL = (
    "{n} accounts in {center} are called so. {colleague} chooses which is {creator}'s."
)
NOT_CALLED = (
    "{account} is not called like {creator}, and only {client}'s own account becomes"
    " theirs. An access owner corrects the name, or asks it as a creator's."
)
TAKEN = "{account} was taken for another creator's meanwhile. Choose again."


def book(center: Asset, rows: Sequence[Any]) -> dict[str, Asset]:
    """Return the assets of the accounts a center lists, by id, made if they are new."""
    platform = center.platform
    of_kind = Asset.objects.filter(platform=platform, kind=Asset.Kind.CREATOR)
    ids = [row.external_id for row in rows]
    known = set(
        of_kind.filter(external_id__in=ids).values_list("external_id", flat=True)
    )
    Asset.objects.bulk_create(
        (
            Asset(
                platform=platform,
                kind=Asset.Kind.CREATOR,
                external_id=row.external_id,
                name=row.name[:250],
            )
            for row in rows
            if row.external_id not in known
        ),
        ignore_conflicts=True,
    )
    nobodys = of_kind.filter(creator=None)
    nobodys.filter(center=center).exclude(external_id__in=ids).update(center=None)
    nobodys.filter(external_id__in=ids).exclude(center=center).update(center=center)
    return {one.external_id: one for one in of_kind.filter(external_id__in=ids)}


def find(
    authorization: SparkAuthorization, listed: Iterable[Asset], *, by: Actor
) -> str:
    """Book the listed account that is the creator's; return why none is, if several.

    Nothing is said of one that is not listed: it may come.
    """
    if authorization.account_id is not None:
        return ""
    creator = authorization.creator
    theirs = [one for one in listed if one.creator_id == creator.pk]
    alike = theirs or [
        one for one in listed if one.creator_id is None and _is_called(one, creator)
    ]
    if len(alike) > 1:
        colleague = authorization.client.acts or "The account manager"
        return SEVERAL.format(
            n=len(alike),
            center=authorization.center,
            creator=creator.shown,
            colleague=colleague,
        )
    if alike:
        take(authorization, alike[0], by=by)
    return ""


def is_there_for_another(authorization: SparkAuthorization) -> bool:
    """True while our center has the account by an earlier campaign's asking.

    Whoever scans our code says yes to what they were asked then: the list shows no
    second yes.
    """
    earlier = SparkAuthorization.objects.filter(
        account=authorization.account,
        center=authorization.center,
        center_gone_at=None,
        asked_at__lt=authorization.asked_at,
        state__in=HELD,
    )
    return authorization.account is not None and earlier.exists()


def unclaimed(authorization: SparkAuthorization) -> QuerySet[Asset]:
    """Return the accounts its center lists that nobody says are any creator's."""
    center = authorization.center
    free = Asset.objects.filter(kind=Asset.Kind.CREATOR, creator=None)
    return (free.filter(center=center) if center else free.none()).order_by("name")


def take(authorization: SparkAuthorization, account: Asset, *, by: Actor) -> bool:
    """Say that this account is the creator's; False if it is another's by now."""
    owner: dict[str, Any] = {"owner": Asset.Owner.THIRD_PARTY}
    if authorization.is_own:
        owner = {"owner": Asset.Owner.CLIENT, "client": authorization.client}
    with transaction.atomic():
        if account.creator_id is None:
            free = Asset.objects.filter(pk=account.pk, creator=None)
            if not free.update(creator=authorization.creator, center=None, **owner):
                return False
            account.refresh_from_db()
        if account.creator_id != authorization.creator_id:
            return False
        authorization.account = account
        authorization.save(update_fields=["account"])
        told = {"account": str(account), "account_id": account.external_id}
        tell(authorization, "spark.account_found", by, **told)
    return True


def choose(authorization: SparkAuthorization, account: Asset, *, by: Actor) -> bool:
    """Take an account for the creator's at a colleague's word; a read follows.

    A client's own account becomes the client's: that takes the name, too. Raises
    CannotAsk; nothing is written then.
    """
    if authorization.is_own and not _is_called(account, authorization.creator):
        named = {"creator": authorization.creator, "client": authorization.client}
        raise CannotAsk(NOT_CALLED.format(account=account, **named))
    with transaction.atomic():
        if not take(authorization, account, by=by):
            return False
        carry_on(authorization)
    return True


def _is_called(account: Asset, creator: Creator) -> bool:
    names = {_plain(creator.handle), _plain(creator.name)} - {""}
    return _plain(account.name) in names


def _plain(name: str) -> str:
    return name.strip().removeprefix("@").casefold()
