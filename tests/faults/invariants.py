"""What must hold of the books at any minute, whatever TikTok does."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q
from django_q.models import OrmQ

from accounts.models import (
    CenterSync,
    Connection,
    Consent,
    ConsentAttempt,
    Event,
    GrantAttempt,
    GrantRead,
    PlatformRead,
    ReadPage,
    RoleGrant,
    VaultSecret,
)
from onboarding.models import LinkSession

State = RoleGrant.State
Visit = LinkSession.Stage
# A grant put to work says so in other words than one that is asked for again.
ALSO_TOLD_AS = {
    State.REQUESTING: {"grant.requested"},
    State.WITHDRAWING: {"grant.withdraw_asked"},
    State.DRAFT: {"grant.asked"},
}


def half_written() -> list[str]:
    """Return a line for everything in the books that is not whole."""
    return [*_grants(), *_attempts(), *_reads(), *_sign_ins(), *_leases()]


def _grants() -> Iterator[str]:
    for grant in RoleGrant.objects.select_related("last_read"):
        if grant.state in RoleGrant.WORKED and grant.next_check_at is None:
            yield f"{grant} is {grant.state} and nobody will ever look at it"
        if grant.state not in RoleGrant.WORKED and grant.lease_until:
            yield f"{grant} is {grant.state} and still leased"
        if grant.state == State.ACTIVE:
            yield from _unproved(grant)
        told = set(Event.objects.about(grant).values_list("action", flat=True))
        also = ALSO_TOLD_AS.get(State(grant.state), set())
        if not told & {f"grant.{grant.state}", *also}:
            yield f"{grant} is {grant.state} without an event: {sorted(told)}"


def _unproved(grant: RoleGrant) -> Iterator[str]:
    shown_by = GrantRead.objects.filter(
        grant=grant, read__is_whole=True, read__problem="", found=grant.observed_native
    )
    if grant.verified_at is None or not shown_by.exists():
        yield f"{grant} is active and no read has shown it"
    if grant.observed_role != grant.asked_role:
        yield f"{grant} is active as another role"


def _attempts() -> Iterator[str]:
    for attempt in GrantAttempt.objects.filter(outcome=GrantAttempt.Outcome.OPEN):
        yield f"{attempt} was never closed"
    closed = GrantAttempt.objects.exclude(outcome=GrantAttempt.Outcome.OPEN)
    for attempt in closed.filter(ended_at=None):
        yield f"{attempt} ended at no time"


def _reads() -> Iterator[str]:
    for read in PlatformRead.objects.filter(is_whole=True):
        if read.problem or read.rows_told != read.rows_stored or not read.sha256:
            yield f"{read} counts as whole: {read.problem or read.rows_told}"
    for read in PlatformRead.objects.exclude(problem=""):
        if read.rows_stored or read.sha256 or read.is_whole:
            yield f"{read} failed and claims rows"
    if ReadPage.objects.filter(read__is_whole=True).exclude(
        read__list_name="center_accounts"
    ):
        yield "Pages of a finished read are still kept"
    if GrantRead.objects.filter(Q(read__is_whole=False) | ~Q(read__problem="")):
        yield "A read that was not whole speaks of a grant"


def _sign_ins() -> Iterator[str]:
    """Every token in the vault is a key's, or an attempt's that is still needed."""
    owned = {
        *Connection.objects.exclude(vault_ref="").values_list("vault_ref", flat=True),
        *ConsentAttempt.objects.exclude(vault_ref="").values_list(
            "vault_ref", flat=True
        ),
    }
    stored = set(VaultSecret.objects.values_list("reference", flat=True))
    for reference in stored ^ owned:
        yield f"{reference} is a token without owner, or an owner without token"
    claimed = ConsentAttempt.objects.filter(claimed_at__isnull=False)
    for attempt in claimed.filter(outcome=ConsentAttempt.Outcome.OPEN):
        yield f"{attempt} came back and has no outcome"
    if claimed.exclude(vault_ref="").filter(connection__isnull=False):
        yield "A token rests with its attempt and with its key"
    given = Consent.objects.exclude(state=Consent.State.WITHDRAWN)
    for consent in given.filter(connection__state__in=Connection.ENDED):
        yield f"{consent} stands on a key that has ended"
    for visit in LinkSession.objects.filter(stage=Visit.STOPPED):
        if not visit.problem or visit.candidates:
            yield f"{visit} stopped and says not why, or keeps accounts"


def _leases() -> Iterator[str]:
    for model in (RoleGrant, LinkSession, CenterSync):
        for one in model.objects.filter(lease_until__isnull=False):
            yield f"{one} is leased and nobody works on it"
    if OrmQ.objects.exists():
        yield "A job waits that nobody ran"
    if CenterSync.objects.filter(due_at__lte=F("last_read_at")):
        yield "A list that was read is due already"
