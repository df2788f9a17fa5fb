"""What sign-in tells the trail. A refused address is personal: payload only."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from accounts.trail import Actor, record

DOOR = Actor.system("signin")

KINDS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


def record_signed_in(request: HttpRequest, user: Any) -> None:
    proofs = get_authentication_records(request, user)
    methods = sorted({proof.get("type") or proof["method"] for proof in proofs})
    data = {"by_way": methods, "from": _address()}
    with transaction.atomic():
        record("signin.ok", by=Actor.staff(user), subject=user, data=data)


def record_signed_out(user: Any) -> None:
    with transaction.atomic():
        record("signin.out", by=Actor.staff(user), subject=user)


def record_sessions_ended(user: Any, count: int) -> None:
    """The person's other browsers, signed out from this one."""
    data = {"count": count}
    with transaction.atomic():
        record("signin.ended", by=Actor.staff(user), subject=user, data=data)


def record_refused(email: str, reason: str, user: Any = None) -> None:
    """`reason`: wrong password, second factor, last day over, or switched off."""
    data = {"email": email, "reason": reason, "from": _address()}
    with transaction.atomic():
        record("signin.failed", by=DOOR, subject=user, data=data)


def record_ended_session(user: Any) -> None:
    action = "user.expired" if user.has_expired else "user.session_ended"
    with transaction.atomic():
        record(action, by=DOOR, subject=user)


def record_password(user: Any, action: str) -> None:
    with transaction.atomic():
        record(action, by=Actor.staff(user), subject=user)


def record_factor(
    user: Any, authenticator: Authenticator, verb: str, by: Actor | None = None
) -> None:
    kind = KINDS.get(authenticator.type, authenticator.type)
    with transaction.atomic():
        record(
            f"second_factor.{verb}",
            by=by or Actor.staff(user),
            subject=user,
            data={"kind": kind},
        )


def _address() -> str:
    """Return the browser's address, if a browser asked."""
    return get_adapter().get_client_ip(context.request) if context.request else ""


def why_refused(user: Any) -> str:
    return "switched off" if not user.is_active else "last day over"
