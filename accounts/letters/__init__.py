"""Letters by e-mail: words in `templates/letters/`, one door to send them."""

from __future__ import annotations

from contextlib import suppress
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import translation

PERMANENT = 500
LONGEST_REPLY = 80


class LetterRefused(Exception):
    """The letter did not leave the house."""


class AddressRefused(LetterRefused):
    """Nor will another one: the mail server takes none to this address."""


class LetterUnsure(LetterRefused):
    """The line broke while the letter was on it: nobody knows whether it left."""


def in_full(path: str) -> str:
    """Return an address of ours as it stands in a letter."""
    return urljoin(settings.SITE_URL, path)


def send_letter(
    name: str, *, to: str, context: dict[str, Any], language: str = "en"
) -> None:
    """Send `letters/<name>.subject.txt|.txt|.html`; the HTML half is optional.

    Raises LetterRefused with a sentence when the mail server does not take it,
    AddressRefused when that is for the address, LetterUnsure when nobody can tell.
    """
    context = {"agency_name": settings.AGENCY_NAME, **context}
    with translation.override(language):
        letter = EmailMultiAlternatives(
            subject=" ".join(
                render_to_string(f"letters/{name}.subject.txt", context).split()
            ),
            body=render_to_string(f"letters/{name}.txt", context),
            to=[to],
        )
        with suppress(TemplateDoesNotExist):
            html = render_to_string(f"letters/{name}.html", context)
            letter.attach_alternative(html, "text/html")
        try:
            letter.send()
        except SMTPRecipientsRefused as error:
            raise _of_address(to, error) from error
        except (SMTPServerDisconnected, TimeoutError) as error:
            raise LetterUnsure(
                f"The mail server broke off during the letter to {to}: perhaps it"
                " arrived. Ask before you send it again."
            ) from error
        except (SMTPException, OSError) as error:
            raise _of_server(to) from error


def _of_address(to: str, error: SMTPRecipientsRefused) -> LetterRefused:
    """A code below 500 means "not now": many servers greet a stranger with it."""
    code, reply = next(iter(error.recipients.values()))
    if code < PERMANENT:
        return _of_server(to)
    words = reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply)
    return AddressRefused(
        f"The mail server did not take the letter to {to}, and will not: {code}"
        f" {words[:LONGEST_REPLY]}. Correct the address."
    )


def _of_server(to: str) -> LetterRefused:
    return LetterRefused(
        f"The mail server did not take the letter to {to}. Compare the address;"
        " the operator looks at EMAIL_URL."
    )
