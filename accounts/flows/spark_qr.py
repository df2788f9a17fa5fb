"""A Business Center's own code for creators: asked for, kept, shown with its age.

Whoever scans it adds their account to our center, whoever they are; the center's list
tells who did. How long a code lasts is not told (TikTok facts 5.2), so its age is.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.flows import agency, connections
from accounts.flows.proof import CANNOT_VERIFY
from accounts.flows.spark import NO_CENTER, CannotAsk
from accounts.flows.spark_moving import next_look, pass_turn, refresh, tell
from accounts.models import SparkAuthorization
from accounts.outbound import OutboundError
from accounts.trail import Actor

State = SparkAuthorization.State

IS_OVER = "{authorization}: {state}. Nobody is to scan a code for it."


def make_qr(authorization: SparkAuthorization, *, by: Actor) -> None:
    """Ask our center for a code and keep it; the one before it may go on working.

    Raises CannotAsk, with what stands in the way.
    """
    center = authorization.center
    if center is None:
        raise CannotAsk(NO_CENTER)
    keys = agency.keys_for(center.as_grantee)
    trouble = CANNOT_VERIFY.format(receiver=center)
    for key in keys:
        try:
            url = connections.call(
                key,
                lambda connector, token: connector.center_qr(token, center.external_id),
                purpose="make a code for a creator",
                by=by,
                in_person=True,
            )
        except OutboundError as error:
            trouble = str(error)
            continue
        _keep(authorization, url, by=by)
        return
    raise CannotAsk(trouble)


def can_have_one(authorization: SparkAuthorization) -> bool:
    """True while a creator may still add the account, or add it anew."""
    return authorization.center_id is not None and not authorization.is_over


def _keep(authorization: SparkAuthorization, url: str, *, by: Actor) -> None:
    """Keep the code; from now on the center's list is read each minute for a day."""
    with transaction.atomic():
        refresh(authorization)
        if not can_have_one(authorization):
            state = authorization.get_state_display().lower()
            raise CannotAsk(IS_OVER.format(authorization=authorization, state=state))
        authorization.qr_url, authorization.qr_made_at = url, timezone.now()
        authorization.next_check_at = next_look(authorization)
        authorization.save(update_fields=["qr_url", "qr_made_at", "next_check_at"])
        pass_turn(authorization)
        tell(authorization, "spark.qr_made", by, center=str(authorization.center))
