"""Taking back, and what TikTok and the books say of it afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.flows import agency, connections, withdrawing, work
from accounts.models import Consent, EventPayload, GrantAttempt, RoleGrant
from accounts.trail import Actor
from tests.accounts.flows.test_kill_safety import keys_of
from tests.simulated import Simulated, main_receiver

UNSHARE = "bc/partner/asset/delete/"
END_PARTNER = "bc/partner/delete/"
UNASSIGN = "bc/asset/unassign/"
MEMBERS = "bc/asset/member/get/"
OUR_READ = "bc/partner/asset/get/"
NOT_SHARED = b'{"code": 40007, "message": "not shared", "data": {}}'
NO_PERMISSION = b'{"code": 40001, "message": "no", "data": {}}'
SLOW_DOWN = b'{"code": 40132, "message": "slow", "data": {}}'
SAID_YES = b'{"code": 0, "message": "OK", "data": {}}'
BY = Actor.system("test")


def as_our_admin(ask: Callable[..., Any]) -> Any:
    ours = agency.keys_for(main_receiver())[0]
    return connections.call(ours, ask, purpose="test", by=BY, in_person=True)


def take_back(*grants: RoleGrant, **more: Any) -> None:
    """Ask for them, and let the first task do what it can."""
    for grant in grants:
        assert withdrawing.withdraw(grant, reason="The campaign ended.", by=BY, **more)
    work.carry_out(keys_of(list(grants)))


def fresh(grant: RoleGrant) -> RoleGrant:
    return RoleGrant.objects.get(pk=grant.pk)


def shares(tiktok: Simulated) -> set[str]:
    """Return the accounts that TikTok shares with our main center."""
    ours = main_receiver().external_id
    return {
        share["asset_id"]
        for share in tiktok.look("shares")
        if share["receiver"] == ours and share["status"] in ("PENDING", "ACCEPTED")
    }


def undo(tiktok: Simulated, grant: RoleGrant) -> None:
    """The client ends the share on TikTok's website."""
    tiktok.control(
        "shares/undo",
        giver=grant.asset.center.external_id,
        receiver=grant.grantee.external_id,
        asset_ids=[grant.asset.external_id],
    )


def lose_the_clients_key() -> None:
    Consent.objects.filter(purpose=Consent.Purpose.CLIENT).update(
        state=Consent.State.WITHDRAWN
    )


def is_told(words: str) -> bool:
    return EventPayload.objects.filter(body__contains=words).exists()


def long_ago() -> None:
    """Let every yes be older than we have patience for."""
    GrantAttempt.objects.update(
        started_at=timezone.now() - withdrawing.PATIENCE - dt.timedelta(seconds=1)
    )
