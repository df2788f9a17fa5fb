"""Close what came to nothing: nobody asks again, and nobody is waited for."""

from __future__ import annotations

from django.db import transaction

from accounts.flows import grants
from accounts.models import RoleGrant, User
from accounts.trail import Actor
from onboarding.flows import requests
from onboarding.models import AccessRequest


def close(grant: RoleGrant, *, reason: str, user: User) -> bool:
    """Wait for nobody any more; False if nobody was waited for.

    A request that waited for this alone is settled with it.
    """
    by = Actor.staff(user)
    with transaction.atomic():
        if not grants.let_go(RoleGrant.objects.filter(pk=grant.pk)):
            return False
        grants.tell(grant, "grant.let_go", by, reason=reason)
        asked = AccessRequest.objects.filter(items__item_grants__grant=grant)
        for request in asked.filter(closed_at=None).distinct():
            requests.close_if_settled(request, by=by)
    return True
