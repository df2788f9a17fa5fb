"""What we hold ourselves to: one address a person, at a house we know, two steps."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import Member, RoleGrant, User
from accounts.platforms.roles import Role
from accounts.trail import Actor, record
from accounts.zones import house_day

# What somebody saw of another's sign-in grows old: settings are changed.
ATTESTED_FOR = dt.timedelta(days=90)

# Names of rooms and trades, never of one person.
NAMES = """
    account accounts admin administrator ads advertising agency analytics billing
    careers contact creative design digital finance hello help hi hr info inbox it
    jobs mail mailbox marketing media news noreply office paid performance post press
    reception sales seo shop social support team tiktok web webmaster
"""
SHARED = frozenset(NAMES.split())
IS_SHARED = (
    "{email} is a shared mailbox: whoever reads it could sign in, and nobody could say"
    " who did. Enter the person's own address."
)
IS_FOREIGN = (
    "{email} is not at {domains}. Enter the person's address there; the operator adds"
    " a domain with STAFF_EMAIL_DOMAINS."
)
IN_THE_FUTURE = "Choose today or a day before: it was seen then."


def why_not_address(email: str) -> str:
    """Return in a sentence why this cannot be one person's address; "" if it can."""
    local, _, domain = email.strip().lower().rpartition("@")
    if re.split(r"[+._-]", local)[0] in SHARED or re.sub(r"\W|_", "", local) in SHARED:
        return IS_SHARED.format(email=email)
    domains = settings.STAFF_EMAIL_DOMAINS
    if domains and domain not in domains:
        return IS_FOREIGN.format(email=email, domains=" or ".join(domains))
    return ""


def attest(member: Member, seen_on: dt.date, *, user: User) -> None:
    """Book that somebody saw this person's two-step sign-in switched on.

    Raises ValueError for a day to come.
    """
    if seen_on > house_day():
        raise ValueError(IN_THE_FUTURE)
    with transaction.atomic():
        Member.objects.filter(pk=member.pk).update(
            two_step_attested_on=seen_on, two_step_attested_by=user
        )
        record(
            "member.attested",
            by=Actor.staff(user),
            subject=member,
            data={"seen_on": seen_on},
        )


def is_attested(member: Member | None) -> bool:
    """True while somebody has seen it within the last 90 days."""
    seen_on = member.two_step_attested_on if member else None
    return seen_on is not None and house_day() - seen_on <= ATTESTED_FOR


def unattested() -> QuerySet[RoleGrant]:
    """Return the seats of center admins whose two steps nobody has seen lately."""
    since = house_day() - ATTESTED_FOR
    member: Any = "grantee__member__two_step_attested_on"
    return RoleGrant.objects.filter(
        Q(**{f"{member}__isnull": True}) | Q(**{f"{member}__lt": since}),
        family=RoleGrant.Family.SEAT,
        state__in=RoleGrant.HELD,
        observed_role=Role.ADMIN,
    )
