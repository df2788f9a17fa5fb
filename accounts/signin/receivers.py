"""What follows when allauth says that somebody signed in, enrolled or failed.

Connected by `connect()` from the app's ready().
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from accounts.signin import trail
from accounts.signin.factors import SECOND


def signed_in(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    trail.record_signed_in(request, user)


def factor_added(
    request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Adding a second factor takes using it once, so this session has proved itself."""
    trail.record_factor(user, authenticator, "added")
    if authenticator.type in SECOND:
        _remember_proof(request, user, authenticator)


def codes_renewed(
    request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Keep a session that came in by a recovery code: its old codes are gone now.

    Only a session that passed the gate can renew the codes.
    """
    trail.record_factor(user, authenticator, "added")
    _remember_proof(request, user, authenticator)


def factor_removed(user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    trail.record_factor(user, authenticator, "removed")


def factor_refused(user: Any, **kwargs: Any) -> None:
    trail.record_refused(user.email, "second factor", user)


def password_changed(user: Any, **kwargs: Any) -> None:
    trail.record_password(user, "user.password_changed")


def _remember_proof(request: HttpRequest, user: Any, proof: Authenticator) -> None:
    record_authentication(
        request,
        user,
        method="mfa",
        id=proof.pk,
        type=proof.type,
        reauthenticated=True,
    )


def connect() -> None:
    account.user_logged_in.connect(signed_in, dispatch_uid="signin.ok")
    for signal in (
        account.password_changed,
        account.password_set,
        account.password_reset,
    ):
        signal.connect(password_changed, dispatch_uid="user.password_changed")
    mfa.authenticator_added.connect(factor_added, dispatch_uid="factor.added")
    mfa.authenticator_reset.connect(codes_renewed, dispatch_uid="factor.renewed")
    mfa.authenticator_removed.connect(factor_removed, dispatch_uid="factor.removed")
    mfa.authentication_failed.connect(factor_refused, dispatch_uid="factor.refused")
