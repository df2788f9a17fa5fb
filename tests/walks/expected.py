"""Who gets what: one line a group of addresses, one column a role.

The columns say what somebody gets who may see the client in question. Somebody who
may not gets `strangers` instead, unless their role is refused the page altogether.
LOGIN is a redirect to the sign-in page, LEAP one to another page of ours.
"""

from __future__ import annotations

from dataclasses import dataclass

LOGIN = "login"
LEAP = "leap"
Answer = int | str

COLUMNS = {
    "anonymous": "anonymous",
    "visitor of A": "visitor",
    "manager of A": "manager",
    "manager of B": "manager",
    "deputy of A": "manager",
    "deputy of B": "manager",
    "once manager of A": "manager",
    "expired manager of A": "anonymous",
    "access owner": "owner",
    "buyer of A": "buyer",
    "buyer of nobody": "buyer",
    "auditor": "auditor",
    "superuser": "superuser",
}


@dataclass(frozen=True)
class Expected:
    manager: Answer
    owner: Answer
    buyer: Answer
    auditor: Answer
    superuser: Answer
    anonymous: Answer = LOGIN
    visitor: Answer = LOGIN
    strangers: Answer = 404

    def of(self, role: str, *, sees: bool, of_side: bool) -> set[Answer]:
        """Return the answers `role` may get; a stranger is told no more than 404."""
        column = COLUMNS[role]
        own: Answer = getattr(self, column)
        if sees or not of_side or own == LOGIN:
            return {own}
        return {self.strangers, 403} if own == 403 else {self.strangers}


def staff(answer: Answer, **others: Answer) -> Expected:
    """Every colleague gets the same; strangers are sent to sign in."""
    same: dict[str, Answer] = dict.fromkeys(
        ("manager", "owner", "buyer", "auditor", "superuser"), answer
    )
    return Expected(**{**same, **others})


def public(answer: Answer, **others: Answer) -> Expected:
    """Everybody gets the same, whoever it belongs to."""
    own = {"anonymous": answer, "visitor": answer, "strangers": answer}
    return staff(answer, **{**own, **others})


GROUPS = {
    # The desks.
    "desk": staff(200),
    "list": staff(200),
    "closed list": staff(200, buyer=403),
    "page": staff(200),
    "closed page": staff(200, buyer=403),
    "house page": staff(200),
    "worked": staff(200, buyer=403, auditor=403),
    "owned": staff(403, owner=200, superuser=200),
    "seers' page": staff(403, owner=200, auditor=200, superuser=200),
    "never": staff(403, strangers=403),
    "nowhere": staff(404),
    "to /change/": staff(LEAP, strangers=LEAP),
    "app": staff(200),
    "autocomplete": staff(403),
    "post only": staff(405, strangers=405),
    "worked page": staff(200, buyer=403, auditor=403),
    "worked leap": staff(LEAP, buyer=403, auditor=403),
    "owner's page": staff(403, owner=200),
    "owner's leap": staff(403, owner=LEAP),
    "owners' leap": staff(403, owner=LEAP, superuser=LEAP),
    "post only, owners": staff(405),
    # The doors.
    "home": staff(LEAP),
    "elsewhere": staff(LEAP),
    "sign-in door": staff(LEAP),
    "stranger's page": staff(LEAP, anonymous=200, visitor=200),
    "unfinished sign-in": staff(LEAP),
    "anybody's page": public(200),
    "own page": staff(200),
    "proved again": staff(LEAP),
    "without codes": staff(404),
    "over": public(410),
    # The pages for clients.
    "link": public(200, visitor=LEAP),  # on to the visit this browser has begun
    "visit": staff(404, anonymous=404, visitor=200),
    "public post only": public(405),
    "callback": public(403),
    "nobody's calendar": public(404),
}
