"""Hand-outs: every way out of the house mints a link of its own.

Only the hash of a token is stored. Whoever opens a link sees what it is about; only
the browser that pressed Start can go on from there.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from accounts.flows.consent import hash_text
from accounts.letters import (
    AddressRefused,
    LetterRefused,
    LetterUnsure,
    send_letter,
)
from accounts.models import Contact, User
from accounts.trail import Actor, record
from onboarding.flows import planning, requests
from onboarding.flows.minting import (
    MOST_LETTERS,
    HandOut,
    check_letters,
    end,
    mint,
)
from onboarding.models import AccessLink, AccessRequest, RequestItem
from onboarding.words import clock_of, describe_request


class NotCleared(Exception):
    """Something is still waiting for an approval: no link before it."""


def hand_out(
    request: AccessRequest,
    way: AccessLink.HandOut,
    *,
    by: Actor,
    user: User | None = None,
    contact: Contact | None = None,
) -> HandOut[AccessLink]:
    """Mint a link; raise NotCleared before an approval or after the request's end."""
    if not request.is_open or not all(map(requests.is_cleared, request.items.all())):
        raise NotCleared
    whom = [contact.name] if contact else []
    with transaction.atomic():
        made = mint(
            AccessLink,
            "link",
            request=request,
            contact=contact,
            hand_out=way,
            made_by=user,
            expires_at=request.closes_at,
        )
        record(
            "link.handed_out",
            by=by,
            subject=made.link,
            client=request.client,
            data={"how": " for ".join([str(made.link.get_hand_out_display()), *whom])},
        )
        planning.begin(request)
    return made


def mail(
    request: AccessRequest,
    contact: Contact,
    *,
    by: Actor,
    user: User | None = None,
    letter: str = "access_link",
    step: str = "",
) -> AccessLink:
    """Send the contact a letter with a fresh link; `step` is its place in a plan.

    Raises NotCleared, TooManyLetters, LetterRefused (the link is ended again, unless
    the letter is perhaps under way), and ValueError for somebody else's contact.
    """
    if contact.client_id != request.client_id or not contact.is_active:
        raise ValueError("Links are mailed to the client's own contacts only.")
    check_letters(AccessLink.objects.filter(contact=contact))
    item = request.items.select_related("receiver").first()
    if item is None:
        raise NotCleared
    made = hand_out(request, AccessLink.HandOut.MAIL, by=by, user=user, contact=contact)
    try:
        send_letter(
            letter,
            to=contact.email,
            context={
                "ask": describe_request(request, item, to=contact),
                "url": made.url,
                "reader": contact,
                "step": step,
                "asked_on": timezone.localdate(
                    request.asked_at, clock_of(request, contact)
                ),
            },
            language=contact.language,
        )
    except LetterUnsure:
        raise
    except LetterRefused as refused:
        revoke(made.link, by=by, because="Its letter did not leave.")
        if isinstance(refused, AddressRefused):
            _mark(contact, made.link, str(refused), by=by)
        raise
    Contact.objects.filter(pk=contact.pk).exclude(email_problem="").update(
        email_problem=""
    )
    return made.link


def revoke(link: AccessLink, *, by: Actor, because: str = "") -> None:
    with transaction.atomic():
        if end(link):
            record(
                "link.revoked",
                by=by,
                subject=link,
                client=link.request.client,
                data={"because": because},
            )
            if not link.request.links.filter(revoked_at__isnull=True).exists():
                why = because or "No link is out any more."
                planning.stop(link.request, by=by, because=why)


def revoke_all(request: AccessRequest, *, by: Actor, because: str = "") -> None:
    for link in request.links.filter(revoked_at__isnull=True):
        revoke(link, by=by, because=because)


def find(token: str) -> AccessLink | None:
    """Return the usable link of this token, or None: unknown, expired, ended alike."""
    return (
        AccessLink.objects.usable()
        .filter(token_hash=hash_text(token))
        .select_related(
            *("contact", "request__client", "request__contact", "request__asked_by")
        )
        .first()
    )


def mail_again(email: str) -> None:
    """Have a fresh link mailed for each open request this address is the contact of.

    Silent in every case, and a task sends the letter: neither the words nor the time
    the page takes tell whether the address is known here.
    """
    open_requests = AccessRequest.objects.filter(
        contact__email__iexact=email.strip(),
        contact__is_active=True,
        contact__email_problem="",
        closed_at__isnull=True,
        closes_at__gt=timezone.now(),
    ).exclude(items__method=RequestItem.Method.METHOD_A)
    for pk in open_requests.values_list("pk", flat=True)[:MOST_LETTERS]:
        async_task("onboarding.tasks.mail_fresh_link", str(pk))


def _mark(contact: Contact, link: AccessLink, problem: str, *, by: Actor) -> None:
    """No letter of the portal's own goes to this address until it is corrected."""
    with transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(email_problem=problem[:200])
        record(
            "letter.refused",
            by=by,
            subject=link,
            client=contact.client,
            data={"contact": contact.name, "problem": problem},
        )
