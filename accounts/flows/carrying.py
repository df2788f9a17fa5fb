"""What of the books goes along when two clients become one, and what clashes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.flows import approvals, wishes
from accounts.flows.merging import Clash, Part, keys_to
from accounts.flows.spark_moving import move
from accounts.models import (
    Asset,
    Assignment,
    Client,
    Consent,
    ConsentAttempt,
    Contact,
    GrantChange,
    RoleGrant,
    SparkAuthorization,
)
from accounts.trail import Actor
from accounts.zones import house_day

Role = Assignment.Role
SparkState = SparkAuthorization.State

GOES_ON = "{creator} is asked once for the client: {campaign} has all that this had."


def _contacts(gone: Client, kept: Client) -> Iterator[Clash]:
    """One address stands once: what names the one names the other from now on."""
    known = {one.email.lower(): one for one in kept.contacts.all()}
    for contact in gone.contacts.all():
        same = known.get(contact.email.lower())
        if same is not None:
            sentence = (
                f"{contact}, {contact.email}, is in both: {same} of {kept} stays."
            )
            yield Clash(sentence, partial(_become, contact, same))


def _become(row: Model, other: Model, by: Actor) -> None:
    for model, name in keys_to(type(row)):
        model._base_manager.filter(**{name: row}).update(**{name: other})
    row.delete()


def _assignments(gone: Client, kept: Client) -> Iterator[Clash]:
    """One lead; and nobody serves twice in one role."""
    lead = kept.lead
    there = {(one.user_id, one.role) for one in kept.assignments.all() if one.is_live}
    for one in gone.assignments.select_related("user"):
        if not one.is_live:
            continue
        user, role = one.user, Role(one.role)
        if role == Role.LEAD and lead not in (None, user):
            role = Role.DEPUTY
        if (user.pk, role.value) in there:
            label = role.label.lower()
            sentence = f"{user} serves both as {label}: once is enough."
            yield Clash(sentence, partial(_end, one))
        elif role != one.role:
            sentence = f"{lead} leads {kept} on; {user}, who led {gone}, is deputy."
            yield Clash(sentence, partial(_serve_as, one, role))


def _end(assignment: Assignment, by: Actor) -> None:
    yesterday = house_day() - dt.timedelta(days=1)
    Assignment.objects.filter(pk=assignment.pk).update(until=yesterday)


def _serve_as(assignment: Assignment, role: Role, by: Actor) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(role=role)


def _consents(gone: Client, kept: Client) -> Iterator[Clash]:
    """A login that serves both serves one: the stricter promise about its key holds."""
    for consent in gone.consents.standing().select_related("connection"):
        twin = kept.consents.standing().filter(
            connection=consent.connection, purpose=consent.purpose
        )
        if other := twin.first():
            sentence = f"{consent.connection} agreed for both: one permission stays."
            yield Clash(sentence, partial(_agree_once, consent, other))


def _agree_once(consent: Consent, other: Consent, by: Actor) -> None:
    Consent.objects.filter(pk=consent.pk).update(
        state=Consent.State.WITHDRAWN, withdrawn_at=timezone.now()
    )
    if Consent.State.GIVEN in (consent.state, other.state):
        other.state, other.held_because = Consent.State.GIVEN, ""
    other.keeps_key = consent.keeps_key and other.keeps_key
    other.save(update_fields=["state", "held_because", "keeps_key"])


def _changes(gone: Client, kept: Client) -> Iterator[Clash]:
    """What an access owner is asked names the client: it is asked for again."""
    waiting = GrantChange.objects.waiting().filter(client=gone)
    for change in waiting.select_related("approval", "grant__asset", "grant__grantee"):
        sentence = f"{change}: the question to an access owner ends. Ask again."
        yield Clash(sentence, partial(_ask_again, change))


def _ask_again(change: GrantChange, by: Actor) -> None:
    assert change.approval is not None
    what = wishes.what_is_asked([change])
    matter = approvals.Matter(what, {}, change.grant, change.client)
    approvals.void(change.approval, matter, by=by)
    because = "A client was merged into another, so what was asked has changed."
    wishes.close_all(change.approval, by=by, because=because)


def _authorizations(gone: Client, kept: Client) -> Iterator[Clash]:
    """A creator is asked once for one client: what has come further stays."""
    theirs = {(one.creator_id, one.platform): one for one in _asked_of(kept)}
    for one in _asked_of(gone):
        other = theirs.get((one.creator_id, one.platform))
        if other is None:
            continue
        is_further = _how_far(one) > _how_far(other)
        ends, stays = (other, one) if is_further else (one, other)
        sentence = (
            f"{one.creator.shown} is asked for both: {stays.campaign} stays, with all"
            f" that {ends.campaign} has."
        )
        yield Clash(sentence, partial(_ask_once, ends, stays))


def _asked_of(client: Client) -> QuerySet[SparkAuthorization]:
    live = client.spark_authorizations.exclude(state__in=SparkAuthorization.ENDED)
    return live.select_related("creator", "client")


def _how_far(authorization: SparkAuthorization) -> int:
    places = {SparkState.WAITING: 0, SparkState.ACTIVE: 2}
    return places.get(SparkState(authorization.state), 1)


def _ask_once(ends: SparkAuthorization, stays: SparkAuthorization, by: Actor) -> None:
    """One goes on, with all the other has: key, posts, links. A read tells of them."""
    stays.served.add(*ends.served.all())
    ends.served.clear()
    linked = stays.ad_accounts.values("ad_account")
    ends.ad_accounts.filter(ad_account__in=linked).delete()
    for model, name in keys_to(SparkAuthorization):
        model._base_manager.filter(**{name: ends}).update(**{name: stays})
    brought = {
        name: getattr(ends, name)
        for name in ("connection", "center", "account")
        if getattr(stays, name) is None
    }
    SparkAuthorization.objects.filter(pk=stays.pk).update(
        next_check_at=timezone.now(), **brought
    )
    because = GOES_ON.format(creator=stays.creator.shown, campaign=stays.campaign)
    move(ends, SparkState.EXPIRED, by=by, problem=because, granted=[])


PARTS = (
    Part(Contact, "Contacts", clashes=_contacts),
    Part(Asset, "Accounts"),
    Part(RoleGrant, "Role grants", path="asset__client"),
    Part(Assignment, "Colleagues", clashes=_assignments),
    Part(Consent, "Keys", clashes=_consents),
    Part(ConsentAttempt),
    Part(GrantChange, "Changes asked for", clashes=_changes),
    Part(SparkAuthorization, "Spark authorizations", clashes=_authorizations),
    Part(Client, "Merged before", path="merged_into"),
)
