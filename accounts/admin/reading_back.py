"""Read a grant back at once, and say what this read told: not what an older one did."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import rows
from accounts.admin.pages import grant_url
from accounts.flows import agency, work
from accounts.flows.proof import CANNOT_VERIFY
from accounts.ladder import role_of
from accounts.models import Connection, Grantee, PlatformRead, RoleGrant
from accounts.trail import Actor

State = RoleGrant.State
# Where a read may tell something: all but what was never sent, and what is over.
READABLE = set(State) - {State.DRAFT, State.REQUESTING, *RoleGrant.ENDED}

HOLDS = "Read back just now: {grant.grantee} holds {role}."
GONE = "Read back just now: {grant.grantee} no longer holds it."
NOT_LISTED = "Not listed in this read."
COUNTS = "The next look that counts: {at}."
FAILED = "Not read; what we knew stays."
LAST_READ = "Last read: {at}."
NO_WORD = "It answered nothing we can use. Try again later."


def act(request: HttpRequest, grant: RoleGrant) -> dict[str, Any] | None:
    """Return the button, for those who may press it while a read may tell anything."""
    may = request.user.has_perm("accounts.change_rolegrant")
    if not may or not _is_readable(grant):
        return None
    return {
        "label": "Read back now",
        "icon": "job",
        "url": reverse("admin:accounts_rolegrant_read", args=[grant.pk]),
        "is_post": True,
        "is_main": not grant.is_fresh,
    }


@require_POST
def read_now(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Read this grant back at once, at somebody's wish."""
    visible = rows.for_rows(RoleGrant.objects.visible_to(request.user))
    grant: RoleGrant = get_object_or_404(visible, pk=pk)
    if not request.user.has_perm("accounts.change_rolegrant"):
        raise PermissionDenied
    if not _is_readable(grant):
        messages.warning(request, "There is nothing to read back yet.")
        return redirect(grant_url(grant))
    _read(request, grant)
    return redirect(grant_url(grant))


def _is_readable(grant: RoleGrant) -> bool:
    """True where a read of its own may tell: a creator's account has its own page."""
    is_apart = grant.family == RoleGrant.Family.CREATOR
    return grant.state in READABLE and not is_apart


def _read(request: HttpRequest, grant: RoleGrant) -> None:
    began, keys = timezone.now(), agency.keys_for(_receiver(grant))
    last_id, verified_at = grant.last_read_id, grant.verified_at
    work.read_now([grant], by=Actor.staff(request.user))
    grant.refresh_from_db()
    if grant.last_read_id == last_id:
        messages.warning(request, _why_unread(grant, keys, began))
        return
    is_proved = grant.verified_at != verified_at
    messages.info(request, _what_was_read(grant, is_proved=is_proved))


def _what_was_read(grant: RoleGrant, *, is_proved: bool) -> str:
    if grant.state == State.ACTIVE and is_proved:
        return HOLDS.format(grant=grant, role=role_of(grant))
    if grant.state == State.WITHDRAWN:
        return GONE.format(grant=grant)
    if grant.missed_at is not None and grant.state != State.LOST:
        at = grant.next_check_at
        return f"{NOT_LISTED} {COUNTS.format(at=_moment(at))}" if at else NOT_LISTED
    return grant.problem or NO_WORD


def _why_unread(grant: RoleGrant, keys: list[Connection], began: dt.datetime) -> str:
    """Say what stood in the way: what the list answered, or that no key reads it."""
    failed = PlatformRead.objects.filter(connection__in=keys, read_at__gte=began)
    said = failed.exclude(problem="").values_list("problem", flat=True).first()
    no_key = CANNOT_VERIFY.format(receiver=_receiver(grant))
    why = said or (grant.problem or NO_WORD if keys else no_key)
    known = (
        LAST_READ.format(at=_moment(grant.last_read.read_at)) if grant.last_read else ""
    )
    return f"{FAILED} {why} {known}".strip()


def _receiver(grant: RoleGrant) -> Grantee:
    """Return our center that the read is of: a person's is their center's."""
    if grant.is_in_center:
        return grant.asset.as_grantee
    return grant.via.grantee if grant.via else grant.grantee


def _moment(moment: dt.datetime) -> str:
    return str(rows.moment_cell(moment)).strip()
