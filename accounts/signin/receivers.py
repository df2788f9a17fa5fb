"""What follows when somebody signed in, enrolled or failed, and after a migration.

The app's ready() imports this module; that connects it.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_out
from django.db import router
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.signin import trail
from accounts.signin.factors import SECOND
from accounts.signin.groups import fit_groups


@receiver(account.user_logged_in)
def signed_in(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    trail.record_signed_in(request, user)


@receiver(user_logged_out)
def signed_out(user: Any, **kwargs: Any) -> None:
    """`user` is None where nobody was signed in."""
    if user is not None and user.is_authenticated:
        trail.record_signed_out(user)


@receiver(mfa.authenticator_added)
def factor_added(
    request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Adding a second factor takes using it once, so this session has proved itself."""
    trail.record_factor(user, authenticator, "added")
    if authenticator.type in SECOND:
        _remember_proof(request, user, authenticator)


@receiver(mfa.authenticator_reset)
def codes_renewed(
    request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Keep a session that came in by a recovery code: its old codes are gone now.

    Only a session that passed the gate can renew the codes.
    """
    trail.record_factor(user, authenticator, "added")
    _remember_proof(request, user, authenticator)


@receiver(mfa.authenticator_removed)
def factor_removed(user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    trail.record_factor(user, authenticator, "removed")


@receiver(mfa.authentication_failed)
def factor_refused(user: Any, **kwargs: Any) -> None:
    trail.record_refused(user.email, "second factor", user)


@receiver([account.password_changed, account.password_set, account.password_reset])
def password_changed(user: Any, **kwargs: Any) -> None:
    trail.record_password(user, "user.password_changed")


@receiver(post_migrate)
def groups_migrated(app_config: Any, using: str, **kwargs: Any) -> None:
    """Auth's own receiver made the permissions just before: it was connected first."""
    if router.allow_migrate_model(using, Group):
        fit_groups(app_config.label, using)


def _remember_proof(request: HttpRequest, user: Any, proof: Authenticator) -> None:
    record_authentication(
        request,
        user,
        method="mfa",
        id=proof.pk,
        type=proof.type,
        reauthenticated=True,
    )
