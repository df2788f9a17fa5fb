"""What sign-in tells the trail. A refused address is personal: payload only."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from accounts.trail import Actor, record, say

DOOR = Actor.system("signin")

say(
    {
        "signin.ok": "{by} signed in.",
        "signin.failed": "Sign-in refused for {email}: {reason}.",
        "user.added": "{by} added {subject}.",
        "user.changed": "{by} changed {subject}: {fields}.",
        "user.welcomed": "{by} sent {subject} a welcome letter.",
        "user.password_set": "{subject} set a first password.",
        "user.password_changed": "{subject} changed the password.",
        "user.expired": "{subject} had their last day: an open session ended.",
        "user.session_ended": "{subject} may not sign in: an open session ended.",
        "second_factor.added": "{by} added a second factor: {kind}.",
        "second_factor.removed": "{by} removed a second factor: {kind}.",
    }
)

KINDS = {
    Authenticator.Type.TOTP: "authenticator app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


def record_signed_in(request: HttpRequest, user: Any) -> None:
    proofs = get_authentication_records(request, user)
    methods = sorted({proof.get("type") or proof["method"] for proof in proofs})
    with transaction.atomic():
        record(
            "signin.ok", by=Actor.staff(user), subject=user, data={"by_way": methods}
        )


def record_refused(email: str, reason: str, user: Any = None) -> None:
    """`reason`: wrong password, second factor, last day over, or switched off."""
    data = {"email": email, "reason": reason}
    with transaction.atomic():
        record("signin.failed", by=DOOR, subject=user, data=data)


def record_ended_session(user: Any) -> None:
    action = "user.expired" if user.has_expired else "user.session_ended"
    with transaction.atomic():
        record(action, by=DOOR, subject=user)


def record_password(user: Any, action: str) -> None:
    with transaction.atomic():
        record(action, by=Actor.staff(user), subject=user)


def record_factor(user: Any, authenticator: Authenticator, verb: str) -> None:
    kind = KINDS.get(authenticator.type, authenticator.type)
    with transaction.atomic():
        record(
            f"second_factor.{verb}",
            by=Actor.staff(user),
            subject=user,
            data={"kind": kind},
        )


def why_refused(user: Any) -> str:
    return "switched off" if not user.is_active else "last day over"
