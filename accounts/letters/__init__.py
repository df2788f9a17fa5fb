"""Letters by e-mail: words in `templates/letters/`, one door to send them."""

from __future__ import annotations

from contextlib import suppress
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import translation


class LetterRefused(Exception):
    """The letter did not leave the house."""


def send_letter(
    name: str, *, to: str, context: dict[str, Any], language: str = "en"
) -> None:
    """Send `letters/<name>.subject.txt|.txt|.html`; the HTML half is optional.

    Raises LetterRefused with a sentence when the mail server does not take it.
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
        except (SMTPException, OSError) as error:
            raise LetterRefused(
                f"The mail server did not take the letter to {to}. Compare the address;"
                " the operator looks at EMAIL_URL."
            ) from error
