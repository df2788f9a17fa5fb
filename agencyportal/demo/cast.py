"""The six colleagues of the demo: real people of the books, each with a second factor.

Nothing about them is special once they exist: the gate treats them as everybody.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import ACCESS_OWNERS, ACCOUNT_MANAGERS, AUDITORS, MEDIA_BUYERS
from accounts.trail import Actor, record
from agencyportal.firstrun import DOMAIN

# Whoever joined within the week is nobody's second person yet.
JOINED = dt.timedelta(days=90)


@dataclass(frozen=True)
class Part:
    """One member of the cast; `days` counts to the last day, None for no end."""

    key: str
    name: str
    role: str
    sentence: str
    days: int | None = None

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


CAST = (
    Part(
        "mira.okafor",
        "Mira Okafor",
        ACCOUNT_MANAGERS,
        "Account manager. Sends links, sees her own clients.",
    ),
    Part(
        "tomas.vega",
        "Tomás Vega",
        ACCOUNT_MANAGERS,
        "Account manager. Sees other clients than Mira.",
    ),
    Part(
        "priya.raman",
        "Priya Raman",
        ACCESS_OWNERS,
        "Access owner. Approves Admin, connects our centers, adds colleagues.",
    ),
    Part(
        "lena.fischer",
        "Lena Fischer",
        ACCESS_OWNERS,
        "Access owner. The second one, for what takes two.",
    ),
    Part(
        "jonas.lind",
        "Jonas Lind",
        MEDIA_BUYERS,
        "Media buyer. Sees the accounts he works in.",
    ),
    Part(
        "ines.carvalho",
        "Inês Carvalho",
        AUDITORS,
        "Auditor. Reads everything, changes nothing, leaves in 30 days.",
        days=30,
    ),
)


@transaction.atomic
def make_cast() -> dict[str, User]:
    """Make whoever is missing; return everybody by key. Safe to repeat."""
    return {part.key: _make(part) for part in CAST}


def _make(part: Part) -> User:
    user = User.objects.filter(email=part.email).first()
    if user is None:
        joined = timezone.now() - JOINED
        user = User.objects.create_user(part.email, name=part.name, date_joined=joined)
        record("user.added", by=Actor.system("demo"), subject=user)
    if part.days is not None:
        user.expires_on = user.today + dt.timedelta(days=part.days)
        user.save(update_fields=["expires_on"])
    user.groups.set([Group.objects.get(name=part.role)])
    _enrol(user)
    return user


def _enrol(user: User) -> None:
    if not Authenticator.objects.filter(
        user=user, type=Authenticator.Type.TOTP
    ).exists():
        TOTP.activate(user, generate_totp_secret())
