"""Ad accounts that use a creator's account: linked and unlinked, each read back.

Being linked is read on the account's own list; whether ads may show the creator is the
ad account's own word, its identities (TikTok facts 5.2, 7.3).
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import connections
from accounts.flows.spark_lists import SparkReader
from accounts.flows.spark_moving import tell
from accounts.models import Asset, Connection, SparkAdAccount, SparkAuthorization
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform
from accounts.zones import house_clock

State = SparkAdAccount.State

NO_LONGER = (
    "Not linked any more at {read_at}: somebody unlinked it on the website. Link it"
    " again here, or leave it out."
)
NOT_AMONG = (
    "Linked, but {account} does not list {creator} among whom its ads may show."
    " {colleague} compares the handle here, then reads back."
)
NOT_LISTED = (
    "Not linked: {center} did not list the creator's account at {read_at}. The portal"
    " links it once it does."
)
READS_ON = "The portal reads again."
NOT_YET = "Not linked yet. " + READS_ON
STILL = "Still linked. " + READS_ON


def bring_on(
    authorization: SparkAuthorization, key: Connection, reader: SparkReader
) -> None:
    """Link and unlink what is wanted, then read what is linked."""
    account, center = authorization.account, authorization.center
    links = list(_links(authorization))
    if account is None or center is None or not links:
        return
    linked = _linked(account, center, key, reader)
    if linked is None:
        return
    sent = [one for one in links if _is_due(one, linked)]
    for link in sent:
        _send(authorization, link, key, reader)
    if sent:
        reader.forget()
        again = _linked(account, center, key, reader)
        linked = linked if again is None else again
    for link in links:
        _judge(authorization, link, linked, key, reader)


def miss(authorization: SparkAuthorization, reader: SparkReader) -> None:
    """Book that nothing is linked: our center does not list the account itself."""
    for link in _links(authorization):
        if link.state == State.ENDING:
            _book_ended(authorization, link, reader)
        else:
            read_at = house_clock(timezone.now())
            no = NOT_LISTED.format(center=authorization.center, read_at=read_at)
            _note(link, State.WANTED, no)


def is_under_way(authorization: SparkAuthorization) -> bool:
    """True while nothing was refused: another read within the minute may tell more."""
    going = authorization.ad_accounts.filter(state__in=(State.WANTED, State.ENDING))
    return any(one.problem in ("", NOT_YET, STILL) for one in going)


def _links(authorization: SparkAuthorization) -> Any:
    """Return the links there is work with: the portal's own, and what stands."""
    live = authorization.ad_accounts.exclude(state=State.ENDED)
    return live.select_related("ad_account")


def _is_due(link: SparkAdAccount, linked: set[str]) -> bool:
    is_there = link.ad_account.external_id in linked
    if link.state == State.ENDING:
        return is_there
    return link.state == State.WANTED and not is_there


def _linked(
    account: Asset, center: Asset, key: Connection, reader: SparkReader
) -> set[str] | None:
    """Return the ids of the linked ad accounts; None where they could not be read."""
    ids = (center.external_id, account.external_id)
    try:
        return {row.external_id for row in reader.linked_ad_accounts(key, *ids)}
    except OutboundError:
        return None


def _send(
    authorization: SparkAuthorization,
    link: SparkAdAccount,
    key: Connection,
    reader: SparkReader,
) -> None:
    """Ask for one link, or its end; what is refused is said on it."""
    assert authorization.account is not None
    assert authorization.center is not None
    is_off = link.state == State.ENDING
    ids = (
        authorization.center.external_id,
        authorization.account.external_id,
        link.ad_account.external_id,
    )
    with transaction.atomic():
        action = "spark.unlink_sent" if is_off else "spark.link_sent"
        tell(authorization, action, reader.by, account=str(link.ad_account))

    def ask(connector: Any, token: Any) -> Any:
        call = connector.unlink_ad_account if is_off else connector.link_ad_account
        return call(token, *ids)

    try:
        connections.call(
            key,
            ask,
            purpose="unlink an ad account" if is_off else "link an ad account",
            by=reader.by,
            in_person=True,
        )
    except OutboundError as error:
        _note(link, link.state, str(error))
    else:
        _note(link, link.state, "")


def _judge(
    authorization: SparkAuthorization,
    link: SparkAdAccount,
    linked: set[str],
    key: Connection,
    reader: SparkReader,
) -> None:
    """Book what the account's list shows of one link, and the ad account's own."""
    now, is_there = timezone.now(), link.ad_account.external_id in linked
    if link.state == State.ENDING:
        if is_there:
            _note(link, State.ENDING, link.problem or STILL)
        else:
            _book_ended(authorization, link, reader)
    elif is_there:
        why = _why_unusable(authorization, link, key, reader)
        is_new = link.state != State.LINKED
        with transaction.atomic():
            if why is None:
                _note(link, State.LINKED, "" if is_new else link.problem)
            else:
                _note(link, State.LINKED, why, verified_at=now)
            if is_new:
                account = str(link.ad_account)
                tell(authorization, "spark.linked", reader.by, account=account)
    elif link.state == State.LINKED:
        _note(link, State.LINKED, NO_LONGER.format(read_at=house_clock(now)))
    else:
        _note(link, State.WANTED, link.problem or NOT_YET)


def _book_ended(
    authorization: SparkAuthorization, link: SparkAdAccount, reader: SparkReader
) -> None:
    with transaction.atomic():
        _note(link, State.ENDED, "", verified_at=timezone.now())
        account = str(link.ad_account)
        tell(authorization, "spark.unlinked", reader.by, account=account)


def _why_unusable(
    authorization: SparkAuthorization,
    link: SparkAdAccount,
    key: Connection,
    reader: SparkReader,
) -> str | None:
    """Say why ads may not show the creator, by the ad account's own list.

    "" where they may; None where the list could not be read: nothing is new then.
    """
    assert authorization.center is not None
    ids = (link.ad_account.external_id, authorization.center.external_id)
    try:
        rows = reader.identities(key, *ids)
    except OutboundError:
        return None
    spec = platform(authorization.platform).spark
    told = [
        spec.why_unusable(row.status) for row in rows if _is_them(authorization, row)
    ]
    if not told:
        return NOT_AMONG.format(
            account=link.ad_account,
            creator=authorization.creator.shown,
            colleague=authorization.client.acts or "The account manager",
        )
    return "" if "" in told else told[0]


def _is_them(authorization: SparkAuthorization, row: Any) -> bool:
    """True for the creator's own row: whether its id is the account's, nobody says."""
    account, creator = authorization.account, authorization.creator
    assert account is not None
    handle = creator.handle.casefold()
    is_named = bool(handle) and row.username.removeprefix("@").casefold() == handle
    return row.external_id == account.external_id or is_named


def _note(link: SparkAdAccount, state: str, problem: str, **more: Any) -> None:
    """Save a step unless somebody has asked otherwise meanwhile."""
    rows = SparkAdAccount.objects.filter(pk=link.pk, state=link.state)
    step = {"state": state, "problem": problem[:300], **more}
    if rows.update(**step):
        for name, value in step.items():
            setattr(link, name, value)
