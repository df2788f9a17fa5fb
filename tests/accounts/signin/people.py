"""Colleagues for these tests, and the steps they take at the door."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import User

PASSWORD = "correct-horse-battery"


def make_user(email: str = "mira@portal.example", **fields: Any) -> User:
    role = fields.pop("role", None)
    fields.setdefault("name", email.split("@")[0].title())
    user = User.objects.create_user(email, fields.pop("password", PASSWORD), **fields)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def enrol(user: User) -> Authenticator:
    return totp.TOTP.activate(user, totp.generate_totp_secret()).instance


def give_recovery_codes(user: User) -> list[str]:
    return RecoveryCodes.activate(user).generate_codes()


def code_of(authenticator: Authenticator, ahead: int = 0) -> str:
    """Return the six digits the app shows; `ahead` periods later."""
    secret = totp.decrypt(authenticator.data["secret"])
    counter = int(time.time()) // 30 + ahead
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def type_password(client: Client, user: User, password: str = PASSWORD) -> Any:
    data = {"login": user.email, "password": password}
    return client.post(reverse("account_login"), data)


def sign_in(client: Client, user: User) -> Authenticator:
    """Take both steps; enrol first if need be."""
    factor = Authenticator.objects.filter(user=user, type="totp").first() or enrol(user)
    type_password(client, user)
    client.post(reverse("mfa_authenticate"), {"code": code_of(factor)})
    return factor


def is_in(client: Client) -> bool:
    """True if a page nobody marked opens."""
    return client.get("/brand-new/").status_code == 200
