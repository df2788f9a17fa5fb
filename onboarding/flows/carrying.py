"""What of the requests goes along when two clients become one, and what clashes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from accounts.flows.merging import Clash, Part
from accounts.models import Approval, Client, RoleGrant
from accounts.trail import Actor
from onboarding.flows import requests
from onboarding.models import (
    AccessLink,
    AccessRequest,
    AttributionAdvice,
    RequestItem,
    SparkLink,
)

Decision = Approval.Decision


def _items(gone: Client, kept: Client) -> Iterator[Clash]:
    """One open request per receiver; and a yes was to a request of that client."""
    theirs = RequestItem.objects.filter(client=kept, is_open=True)
    there = set(theirs.values_list("platform", "receiver"))
    mine = RequestItem.objects.filter(client=gone, is_open=True)
    for item in mine.select_related("receiver", "approval", "request"):
        if (item.platform, item.receiver_id) in there:
            sentence = (
                f"Both are asked for {item.receiver}: the request to {gone} ends with"
                f" its links, the one to {kept} goes on."
            )
            yield Clash(sentence, partial(_end, item))
        elif item.approval and item.approval.decision in {
            Decision.WAITING,
            Decision.APPROVED,
        }:
            sentence = (
                f"{item.get_role_display()} for {item.receiver}: the approval ends,"
                " an access owner decides again. Its links wait for that."
            )
            yield Clash(sentence, partial(_put_forward, item), is_last=True)


def _end(item: RequestItem, by: Actor) -> None:
    requests.close(item.request, AccessRequest.Closed.CANCELLED, by=by)


def _put_forward(item: RequestItem, by: Actor) -> None:
    """Ask anew on behalf of whoever asked: the one who merges may decide about it."""
    item.refresh_from_db()
    assert item.approval is not None
    requests.put_forward(item, user=item.approval.asked_by, by=by)
    item.save(update_fields=["approval"])
    RoleGrant.objects.filter(
        item_grants__item=item, state=RoleGrant.State.DRAFT
    ).update(approval=item.approval)


def _advice(gone: Client, kept: Client) -> Iterator[Clash]:
    """A client is recommended one thing at a time."""
    if AttributionAdvice.objects.filter(client=kept).exists():
        for advice in AttributionAdvice.objects.filter(client=gone):
            sentence = f"Both have attribution advice: that for {kept} stays."
            yield Clash(sentence, partial(_forget, advice))


def _forget(advice: AttributionAdvice, by: Actor) -> None:
    advice.delete()


PARTS = (
    Part(AccessRequest, "Requests"),
    Part(RequestItem, clashes=_items),
    Part(AccessLink, "Links", path="request__client"),
    Part(SparkLink, "Links to creators", path="authorization__client"),
    Part(AttributionAdvice, "Attribution advice", clashes=_advice),
)
