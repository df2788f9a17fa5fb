"""Read back what a creator lets us do: by their key's word, by our center's list.

Either proves what it shows. A read that failed says nothing: what was granted stays,
and merely grows old. What stood is lost when two clean reads show nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.flows import agency, spark_accounts
from accounts.flows.lists import Reading
from accounts.flows.proof import CANNOT_VERIFY
from accounts.flows.spark import in_order
from accounts.flows.spark_lists import SparkReader
from accounts.flows.spark_moving import move, refresh, words
from accounts.models import (
    Connection,
    PlatformRead,
    SparkAdAccount,
    SparkAuthorization,
)
from accounts.outbound import OutboundError
from accounts.platforms.registry import platform
from accounts.zones import house_clock

State = SparkAuthorization.State

# What a read may move: what is over, or on its way out, it does not.
JUDGED = (State.WAITING, State.UNVERIFIED, State.ACTIVE, State.LOST)
# Of these a failed read is nobody's new turn: the portal reads on by itself.
UNANSWERED = (State.WAITING, State.UNVERIFIED)

IN_PART = (
    "Not granted: {missing}. {colleague} asks {creator} with a new code, or asks for"
    " less."
)
NOT_IN_CENTER = (
    "{center} does not list the account, so nobody works with it there yet."
    " {colleague} shows {creator} the center's own code."
)
ASKED_APART = (
    "{center} lists the account for another campaign, so nobody can see a yes to this"
    " one there. {colleague} hands out the link: {creator} connects with it."
)
NOTHING = (
    "{creator} answered, and granted nothing that was asked. {colleague} asks again"
    " with a new code."
)
DEAD_KEY = "{creator}'s key no longer works. {creator} connects again with a new link."
MISSED = "Not shown at {first}. The portal reads again within the hour."
LOST = (
    "Not shown at {first} and at {second}: gone in two reads. {colleague} asks"
    " {creator} whether it was taken back; a new code gives it again."
)


@dataclass
class Told:
    """What the two sides tell: words, or None where a side was not read.

    A side that there is not (no key, no center) does not stand among them. `choose`:
    several accounts could be the creator's; `is_elsewhere`: our center lists none.
    """

    sides: dict[str, set[str] | None] = field(default_factory=dict)
    trouble: str = ""
    choose: str = ""
    is_elsewhere: bool = False
    read: PlatformRead | None = None

    @property
    def is_read(self) -> bool:
        return any(side is not None for side in self.sides.values())

    @property
    def is_clean(self) -> bool:
        """True when every side there is was read: only then is nothing nothing."""
        return bool(self.sides) and None not in self.sides.values()

    @property
    def proved(self) -> set[str]:
        return set().union(*(side or () for side in self.sides.values()))

    def beside(self, known: dict[str, Any]) -> dict[str, Any]:
        """Return what each side shows; of one that was not read, what was known."""
        shown: dict[str, Any] = {}
        for side, said in self.sides.items():
            shown[side] = known.get(side) if said is None else in_order(said)
        if self.is_elsewhere:
            shown["center"] = None
        return shown


def read_back(authorization: SparkAuthorization, reader: SparkReader) -> Told:
    """Read both sides of one authorization, book what they show, and return it."""
    told = Told()
    _read_key(authorization, reader, told)
    _read_center(authorization, reader, told)
    judge(authorization, told, reader=reader)
    return told


def judge(
    authorization: SparkAuthorization, told: Told, *, reader: SparkReader
) -> None:
    """Book what was read, unless the authorization moved on meanwhile."""
    with transaction.atomic():
        refresh(authorization)
        if authorization.state not in JUDGED:
            return
        seen = _seen(told)
        if told.proved & set(authorization.asked):
            shown = told.beside(authorization.shown)
            granted = in_order(set().union(*(side or () for side in shown.values())))
            seen |= {"shown": shown, "granted": granted}
            seen |= {"verified_at": timezone.now(), "missed_at": None}
            problem = told.trouble or _lacks(authorization, told, granted)
            _move(authorization, State.ACTIVE, reader, problem, seen)
        elif not told.is_clean:
            if authorization.state in UNANSWERED:
                seen["waits_on"] = authorization.waits_on
            stays = State(authorization.state)
            problem = told.trouble or authorization.problem
            _move(authorization, stays, reader, problem, seen)
        elif authorization.verified_at is None or authorization.state == State.LOST:
            seen |= {"shown": told.beside({}), "granted": in_order(told.proved)}
            _book_nothing(authorization, told, seen, reader)
        else:
            _book_missing(authorization, told, seen, reader)


def _seen(told: Told) -> dict[str, Any]:
    now = timezone.now()
    seen: dict[str, Any] = {}
    for side, said in told.sides.items():
        if said is not None:
            seen[f"{side}_read_at"] = now
    if told.read is not None:
        seen["last_read"] = told.read
    return seen


def _book_nothing(
    authorization: SparkAuthorization,
    told: Told,
    seen: dict[str, Any],
    reader: SparkReader,
) -> None:
    """Nothing asked for is shown: it never was, or is lost already."""
    problem = authorization.problem
    if authorization.state == State.WAITING:
        problem = told.choose
    elif authorization.state == State.UNVERIFIED:
        problem = _say(NOTHING, authorization)
        seen["waits_on"] = SparkAuthorization.WaitsOn.US
    _move(authorization, State(authorization.state), reader, problem, seen)


def _book_missing(
    authorization: SparkAuthorization,
    told: Told,
    seen: dict[str, Any],
    reader: SparkReader,
) -> None:
    """A clean read shows nothing of what stood: the first such read, or the second."""
    now, first = timezone.now(), authorization.missed_at
    if first is None:
        problem = MISSED.format(first=house_clock(now))
        seen["missed_at"] = now
        _move(authorization, State.UNVERIFIED, reader, problem, seen)
        return
    due = authorization.next_check_at
    if due is not None and due > now:
        return  # in such haste it would be the same read twice
    times = {"first": house_clock(first), "second": house_clock(now)}
    problem = _say(LOST, authorization, **times)
    seen |= {"shown": told.beside({}), "granted": []}
    _move(authorization, State.LOST, reader, problem, seen)


def _move(
    authorization: SparkAuthorization,
    state: State,
    reader: SparkReader,
    problem: str,
    seen: dict[str, Any],
) -> None:
    move(authorization, state, by=reader.by, problem=problem, **seen)


def _read_key(
    authorization: SparkAuthorization, reader: SparkReader, told: Told
) -> None:
    key = authorization.connection
    if key is None or key.state in Connection.ENDED:
        return
    told.sides["key"] = None
    spec = platform(authorization.platform).spark
    try:
        told.read, scopes = reader.scopes(key)
    except OutboundError as error:
        is_dead = error.kind in ("dead_token", "dead_refresh")
        told.trouble = _say(DEAD_KEY, authorization) if is_dead else str(error)
        return
    told.sides["key"] = spec.words_of_scopes(scopes)


def _read_center(
    authorization: SparkAuthorization, reader: SparkReader, told: Told
) -> None:
    """Read our center's list with the first of our keys that can."""
    center = authorization.center
    if center is None or authorization.center_gone_at is not None:
        return
    told.sides["center"] = None
    trouble = CANNOT_VERIFY.format(receiver=center)
    for key in agency.keys_for(center.as_grantee):
        try:
            reading = reader.creator_accounts(key, center.external_id)
        except OutboundError as error:
            trouble = str(error)
            continue
        told.sides["center"] = _words_in(authorization, reading, reader, told)
        told.read = reading.read
        return
    told.trouble = told.trouble or trouble


def _words_in(
    authorization: SparkAuthorization, reading: Reading, reader: SparkReader, told: Told
) -> set[str]:
    """Return what the list shows of the creator's account: nothing, if not there.

    Of one that is there for another campaign it shows no yes to this one.
    """
    assert authorization.center is not None
    listed = spark_accounts.book(authorization.center, reading)
    told.choose = spark_accounts.find(authorization, listed.values(), by=reader.by)
    account = authorization.account
    spec = platform(authorization.platform).spark
    for row in reading:
        if account is not None and row.external_id == account.external_id:
            if _needs_its_own_yes(authorization, told):
                told.choose = _say(ASKED_APART, authorization)
                return set()
            return spec.words_of_roles(row.native_roles)
    told.is_elsewhere = True
    return set()


def _needs_its_own_yes(authorization: SparkAuthorization, told: Told) -> bool:
    """True while only another campaign was agreed to, and no key of hers says more."""
    by_key = told.sides.get("key") or set()
    if authorization.verified_at is not None or by_key & set(authorization.asked):
        return False
    return spark_accounts.is_there_for_another(authorization)


def _lacks(authorization: SparkAuthorization, told: Told, granted: list[str]) -> str:
    """Say what of all that was asked is not there, and who sees to it."""
    if told.choose:
        return told.choose
    if left := [word for word in authorization.asked if word not in granted]:
        return _say(IN_PART, authorization, missing=words(left))
    is_missed = told.is_elsewhere and _needs_the_center(authorization)
    return _say(NOT_IN_CENTER, authorization) if is_missed else ""


def _needs_the_center(authorization: SparkAuthorization) -> bool:
    """True where people or ad accounts are to work there; codes of posts do without."""
    used = authorization.ad_accounts.exclude(state=SparkAdAccount.State.ENDED)
    return authorization.served.exists() or used.exists()


def _say(sentence: str, authorization: SparkAuthorization, **more: Any) -> str:
    return sentence.format(
        creator=authorization.creator.shown,
        colleague=authorization.client.acts or "The account manager",
        center=authorization.center,
        **more,
    )
