"""The welcome letter: one link, one use, three days, to set a first password.

The link carries a signed statement about the person's present state, so nothing is
stored: setting a password, a new letter, another address or the end of the three days
makes it worthless.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.letters import LetterRefused, send_letter
from accounts.models import User
from accounts.trail import Actor, record

VALID_FOR = dt.timedelta(days=3)
SALT = "accounts.signin.welcome"


class WelcomeError(Exception):
    """Why no letter went out: a sentence for the colleague who asked for it."""


def welcome(user: User, *, by: User) -> None:
    """Mail the person a fresh welcome link; every earlier one ends.

    Call it outside a transaction: it talks to the mail server between two of its own.
    Raises WelcomeError if the person has a password, may not sign in, or the mail
    server refuses.
    """
    url = _make_link(user)
    try:
        send_letter(
            "staff_welcome",
            to=user.email,
            context={"user": user, "by": by, "url": url, "days": VALID_FOR.days},
        )
    except LetterRefused as error:
        raise WelcomeError(
            f"The mail server did not take the letter to {user}. Look at EMAIL_URL,"
            " then choose “Send the welcome letter again”."
        ) from error
    with transaction.atomic():
        record(
            "user.welcomed",
            by=Actor.staff(by),
            subject=user,
            data={"email": user.email, "days": VALID_FOR.days},
        )


def read_link(token: str) -> User | None:
    """Return whom the link is for, or None if it is used, replaced, old or made up."""
    return _owner(token, User.objects.all())


def set_first_password(token: str, password: str) -> User | None:
    """Use the link up. Return None if it was already used, perhaps this very moment.

    The row is locked before the link is read, so of two parallel uses one is too late.
    """
    with transaction.atomic():
        user = _owner(token, User.objects.select_for_update())
        if user is None:
            return None
        user.set_password(password)
        user.save(update_fields=["password"])
        record("user.password_set", by=Actor.staff(user), subject=user)
    return user


def _make_link(user: User) -> str:
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if user.has_usable_password():
            raise WelcomeError(
                f"{user} has set a password. “I cannot sign in” on the sign-in page"
                " mails them a link to set another."
            )
        if not user.may_sign_in:
            raise WelcomeError(
                f"{user} may not sign in. Change the last day or switch sign-in on"
                " first."
            )
        user.set_unusable_password()  # a new random mark: earlier links end here
        user.save(update_fields=["password"])
    token = signing.dumps([user.pk.hex, _fingerprint(user)], salt=SALT)
    return urljoin(settings.SITE_URL, reverse("signin_welcome", args=[token]))


def _fingerprint(user: User) -> str:
    state = f"{user.pk.hex}|{user.email}|{user.password}"
    return salted_hmac(SALT, state, algorithm="sha256").hexdigest()


def _owner(token: str, people: Any) -> User | None:
    try:
        key, fingerprint = signing.loads(token, salt=SALT, max_age=VALID_FOR)
        user: User | None = people.filter(pk=uuid.UUID(str(key))).first()
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if user is None or not user.may_sign_in or user.has_usable_password():
        return None
    return user if constant_time_compare(fingerprint, _fingerprint(user)) else None
