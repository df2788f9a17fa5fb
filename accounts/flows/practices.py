"""What we hold ourselves to: one address a person, at a house we know, two steps."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
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
    abuse account accounting accounts admin administrator adops ads advertising agency
    all analytics billing careers contact creative design digital everyone finance
    hello help hi hr info infos inbox it jobs mail mailbox marketing media news noreply
    office paid paidsocial performance post postmaster ppc press reception sales seo
    shop social socialmedia support team tiktok web webmaster
"""
SHARED = frozenset(NAMES.split())
# These are nobody's name wherever they stand; others are, as Emily Post's.
NEVER_A_NAME = frozenset(
    ("ads", "billing", "info", "noreply", "office", "sales", "support")
)
IS_SHARED = (
    "{email} is a shared mailbox: whoever reads it could sign in, and nobody could say"
    " who did. Enter the person's own address."
)
IS_TAGGED = (
    "{email} is a second name of one mailbox: with it one person would be two here."
    " Enter the address without the plus, {plain}."
)
IS_TOO_LONG = (
    "An address has at most {most} characters. Enter the person's own address."
)
IS_FOREIGN = (
    "{email} is not at {domains}. Enter the person's address there; the operator adds"
    " a domain with STAFF_EMAIL_DOMAINS."
)
IS_YOURS = "This is your own sign-in. Another access owner looks at it with you."
IN_THE_FUTURE = "Choose today or a day before: it was seen then."
HAS_LEFT = "{member} left on {day:%-d %B %Y}. Nobody who has left is given access."
MOST: Any = Member._meta.get_field("email").max_length


def why_not_address(email: str) -> str:
    """Return in a sentence why this cannot be one person's address; "" if it can."""
    if len(email) > MOST:
        return IS_TOO_LONG.format(most=MOST)
    plain = unicodedata.normalize("NFKC", email.strip()).casefold()
    local, _, domain = plain.rpartition("@")
    name, plus, _ = local.partition("+")
    words = re.findall(r"[^\W\d_]+", name)
    is_shared = {"".join(words), *words[:1]} & SHARED or NEVER_A_NAME & set(words)
    if is_shared:
        return IS_SHARED.format(email=email)
    if plus:
        return IS_TAGGED.format(email=email, plain=f"{name}@{domain}")
    domains = settings.STAFF_EMAIL_DOMAINS
    if domains and domain not in domains:
        return IS_FOREIGN.format(email=email, domains=" or ".join(domains))
    return ""


def why_left(member: Member | None) -> str:
    """Return in a sentence that this member is with us no more; "" if they are."""
    if member is None or member.left_on is None:
        return ""
    return HAS_LEFT.format(member=member, day=member.left_on)


def attest(member: Member, seen_on: dt.date, *, user: User) -> None:
    """Book that somebody saw this person's two-step sign-in switched on.

    Raises ValueError for a day to come, and for one's own.
    """
    if seen_on > house_day():
        raise ValueError(IN_THE_FUTURE)
    if member.user_id == user.pk:
        raise ValueError(IS_YOURS)
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
