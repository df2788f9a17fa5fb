"""allauth, told our rules: no sign-up, no expired colleagues, sealed secrets."""

from __future__ import annotations

import logging
import time
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.signin.factors import Factors
from accounts.signin.trail import record_refused, record_sessions_ended, why_refused
from accounts.vault.keyring import open_sealed, seal

log = logging.getLogger(__name__)

SEAL_CONTEXT = b"second-factor"


class StaffAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Colleagues are added by an access owner, never by themselves."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Letters name the portal's own address, whatever host was asked for."""
        url = super().get_reset_password_from_key_url(key)
        return settings.SITE_URL + urlsplit(url).path

    def pre_login(
        self, request: HttpRequest, user: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Refuse whoever may not sign in, whichever way they came: passkeys too."""
        if user.may_sign_in:
            return super().pre_login(request, user, **kwargs)
        record_refused(user.email, why_refused(user), user)
        clear_login(request)
        return self.respond_user_inactive(request, user)

    def send_mail(
        self, template_prefix: str, email: str, context: dict[str, Any]
    ) -> None:
        """A dead mail server costs a letter, never the page somebody stands on."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError):
            log.exception("The mail server did not take a letter: see EMAIL_URL")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        record_refused(credentials.get("email", ""), "wrong password")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Let a first second factor follow the password without asking it twice."""
        if _has_just_typed_password(self.request):
            return Factors.of(self.request.user).is_enrolled
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Offer the password only while there is no second factor to ask for."""
        methods = super().get_reauthentication_methods(user)
        if user.is_authenticated and Factors.of(user).is_enrolled:
            return [method for method in methods if method["id"] != "reauthenticate"]
        return methods


def _has_just_typed_password(request: HttpRequest) -> bool:
    """True for the minutes in which allauth trusts a password typed again."""
    earliest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(
        proof.get("method") == "password" and proof.get("at", 0) > earliest
        for proof in get_authentication_records(request, request.user)
    )


class ToldSessionsAdapter(DefaultUserSessionsAdapter):
    def end_sessions(self, sessions: Any) -> None:
        """Sign other browsers of this person out, and say so once."""
        super().end_sessions(sessions)
        if sessions:
            record_sessions_ended(sessions[0].user, len(sessions))


class EncryptedMFAAdapter(DefaultMFAAdapter):
    """Keeps TOTP keys and recovery seeds sealed under the vault's key ring."""

    def encrypt(self, text: str) -> str:
        return seal(text, SEAL_CONTEXT)

    def decrypt(self, encrypted_text: str) -> str:
        return open_sealed(encrypted_text, SEAL_CONTEXT)
