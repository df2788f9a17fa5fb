"""The names, ids and roles that steps and letters speak of."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.center_admins import who_accepts
from accounts.fixes.catalogue import Card, Who
from accounts.ladder import role_of, who_acts
from accounts.models import Client, Connection, Creator, Grantee, RoleGrant
from accounts.platforms.registry import platform
from accounts.platforms.roles import Role


def words_of(grant: RoleGrant) -> dict[str, Any]:
    """Return the names and ids of one grant; what was not read yet says so."""
    giver = grant.asset.center
    spec = platform(grant.asset.platform)
    return {
        "platform": spec.label,
        "client": str(grant.asset.client or _("its owner")),
        "giver": str(giver or _("that owns it")),
        "giver_id": giver.external_id if giver else _("id not read yet"),
        "receiver": str(grant.grantee),
        "receiver_id": grant.grantee.external_id,
        "account": str(grant.asset),
        "account_id": grant.asset.external_id,
        "role": Role(grant.asked_role).label if grant.asked_role else _("a role"),
        "observed": role_of(grant),
        "problem": grant.problem,
        "due_on": grant.due_on,
        "reason": grant.reason,
        "is_persons": grant.grantee.kind == Grantee.Kind.PERSON,
        "is_with_client": grant.waits_on == RoleGrant.WaitsOn.CLIENT,
    }


def words_of_key(key: Connection, user: Any) -> dict[str, Any]:
    """Return the names of a creator's key; its clients are the user's that use it."""
    seen = Client.objects.visible_to(user)
    clients = seen.filter(spark_authorizations__connection=key).distinct()
    return {
        "platform": platform(key.platform).label,
        "creator": str(creator_of(key) or key),
        "client": ", ".join(str(client) for client in clients) or _("no client"),
    }


def creator_of(key: Connection) -> Creator | None:
    """Return who consented, whatever of the key's consents the reader may see."""
    return Creator.objects.filter(consents__connection=key).first()


def who_acts_on(card: Card, grant: RoleGrant) -> str:
    """Return whose move the card is, by name where the books know one."""
    client = grant.asset.client
    names = {
        Who.TURN: who_acts(grant),
        Who.CENTER_ADMIN: who_accepts(grant),
        Who.CLIENT: str(client or _("Its owner")),
        Who.MANAGER: str((client and client.acts) or _("The account manager")),
    }
    return names.get(card.who) or str(NOBODY_BY_NAME[card.who])


NOBODY_BY_NAME = {
    Who.CENTER_ADMIN: RoleGrant.WaitsOn.CENTER_ADMIN.label,
    Who.CREATOR: "The creator",
    Who.OPERATOR: "The operator",
    Who.PORTAL: RoleGrant.WaitsOn.PORTAL.label,
}
