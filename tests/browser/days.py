"""Moves the clock of a client's reminders: `python -m tests.browser.days CLIENT DIR`.

The next step of the plan comes due this minute and is carried out here, so rest the
worker meanwhile. Letters go into DIR as they were written; `--refused ADDRESS` has the
mail server know no such mailbox, `--morning NAME` writes that colleague's digest, and
`--codes` what is to be said this morning of codes that end.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import Any

import django


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("client")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--refused", default="")
    parser.add_argument("--morning", default="")
    parser.add_argument("--codes", action="store_true")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agencyportal.settings")
    django.setup()
    _hand_letters_to(asked.folder, asked.refused)
    if asked.codes:
        _write_of_codes()
    elif asked.morning:
        _write_digest(asked.morning)
    else:
        _next_step(asked.client)


def _next_step(client: str) -> None:
    from django.utils import timezone

    from onboarding.models import Reminder
    from onboarding.tasks import remind

    due = Reminder.objects.filter(request__client__name=client, state="due")
    step = due.order_by("number").first()
    assert step is not None, f"Nothing is planned for {client}"
    due.filter(pk=step.pk).update(due_at=timezone.now())
    remind(str(step.pk))


def _write_digest(name: str) -> None:
    from django.utils import timezone

    from accounts.models import User
    from agencyportal import digest

    User.objects.filter(name=name).update(digest_on=None)
    digest.send(User.objects.get(name=name), timezone.now())


def _write_of_codes() -> None:
    from accounts.tasks import remind_of_codes

    remind_of_codes()


def _hand_letters_to(folder: Path, refused: str) -> None:
    from django.core.mail import EmailMultiAlternatives

    folder.mkdir(exist_ok=True)

    def send(letter: Any) -> int:
        (to,) = letter.to
        if to == refused:
            raise SMTPRecipientsRefused({to: (550, b"No such mailbox")})
        number = len(list(folder.glob("*.html")))
        kinds = {"txt": letter.body, "html": letter.alternatives[0][0]}
        for kind, words in kinds.items():
            (folder / f"{number:02} {to}.{kind}").write_text(words, encoding="utf-8")
        return 1

    EmailMultiAlternatives.send = send  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    main()
