"""What TikTok's answer codes mean and who must act (TikTok facts 8.1)."""

from __future__ import annotations

from typing import NamedTuple

from accounts.outbound import Pause

OK = 0
PARTLY = 20001


class Meaning(NamedTuple):
    """`permanent`: only a person can change it. `kind`: a neutral word for it."""

    permanent: bool
    sentence: str
    kind: str


_OUTAGE = Meaning(
    False, "TikTok has a fault on its side. Nothing is lost; we try again.", "outage"
)
_RATE = Meaning(
    False, "TikTok asks us to slow down. Nothing is lost; we go on later.", "rate"
)
_BAD_REQUEST = Meaning(
    True,
    "TikTok does not accept what we asked. Compare the ids with those in TikTok; if"
    " they agree, the operator reads the log line of this call.",
    "bad_request",
)
_NO_PERMISSION = Meaning(
    True,
    "TikTok refused: this login lacks the permission or the role for it. Its owner"
    " connects again with every permission, or an admin of the Business Center raises"
    " the role.",
    "no_permission",
)
_DEAD_TOKEN = Meaning(
    True,
    "TikTok no longer accepts this login's key. Its owner connects again.",
    "dead_token",
)
DEAD_REFRESH = Meaning(
    True,
    "TikTok no longer renews this key. Its owner consents anew.",
    "dead_refresh",
)
_WRONG_USER = Meaning(
    True,
    "TikTok says this key belongs to another login or company. The right person"
    " connects again.",
    "dead_token",
)
_CONFIGURATION = Meaning(
    True,
    "TikTok does not accept our app as it is set up. The operator compares the app id,"
    " the secret and the base addresses with TikTok's developer page.",
    "configuration",
)
_LOST = Meaning(
    True,
    "TikTok no longer gives this login that ad account. Read the access again; the"
    " client says whether it was taken back.",
    "lost_access",
)
_UNSUPPORTED = Meaning(
    True,
    "TikTok does not offer this where we asked for it. The operator checks that the"
    " base address is not the sandbox's.",
    "unsupported",
)
_TOO_MANY = Meaning(
    True,
    "TikTok takes fewer ids in one call. The operator reads the log line.",
    "too_many",
)

MEANINGS: dict[int, Meaning] = {
    OK: Meaning(False, "TikTok did it.", "ok"),
    PARTLY: Meaning(
        False,
        "TikTok did a part of it. Read the access again to see which.",
        "partial",
    ),
    **dict.fromkeys((40000, 40002), _BAD_REQUEST),
    **dict.fromkeys((40001, 40003, 40130, 40131), _NO_PERMISSION),
    **dict.fromkeys((40006, 40010, 40051, 40101, 40104, 40108), _CONFIGURATION),
    **dict.fromkeys((40113, 40115, 40116, 40117, 40118), _CONFIGURATION),
    **dict.fromkeys((40124, 40125, 40400, 41000), _CONFIGURATION),
    40007: Meaning(
        True,
        "TikTok says it does not exist. Compare the id with the one in TikTok; it may"
        " have been deleted.",
        "gone",
    ),
    **dict.fromkeys((40008, 40009, 40013, 40014), _UNSUPPORTED),
    **dict.fromkeys((40011, 40061), _TOO_MANY),
    **dict.fromkeys((40016, 40100, 40132, 40133, 61000), _RATE),
    40050: Meaning(
        True,
        "TikTok has seen this request before. Read the access again before anything"
        " else.",
        "duplicate",
    ),
    **dict.fromkeys((40102, 40105), _DEAD_TOKEN),
    **dict.fromkeys((40103, 40107), DEAD_REFRESH),
    **dict.fromkeys((40106, 40119), _WRONG_USER),
    40110: Meaning(
        True,
        "The consent was already used or is too old. The person connects again.",
        "code_used",
    ),
    **dict.fromkeys((40120, 40121, 40122), _UNSUPPORTED),
    **dict.fromkeys((40200, 40201), _OUTAGE),
    40202: Meaning(
        False,
        "Somebody else changed the same thing in TikTok at that moment. We try again.",
        "conflict",
    ),
    **dict.fromkeys((40300, 40301, 40302), _LOST),
    40700: _OUTAGE,
    **dict.fromkeys((50000, 50002), _OUTAGE),
    60001: Meaning(
        False, "TikTok is under maintenance. Nothing is lost; we try again.", "outage"
    ),
}

# Limits of the whole app (facts 8.2); 40132 and 40133 limit one value only.
_APP_LIMITS = {40016, 40100, 61000}
# After these nobody can say whether a write was done.
_OPEN_KINDS = {"outage", "duplicate", "unknown", "partial"}


def meaning(code: int) -> Meaning:
    """Return what `code` means; an unlisted one is judged by its thousand."""
    if code in MEANINGS:
        return MEANINGS[code]
    if 51000 <= code < 54000:
        return _OUTAGE
    return Meaning(
        40000 <= code < 50000,
        f"TikTok answered with code {code}, which the portal does not know. The"
        " operator looks it up in TikTok's list of return codes.",
        "unknown",
    )


def leaves_outcome_open(kind: str) -> bool:
    """Tell whether a write answered with this kind may have been done all the same."""
    return kind in _OPEN_KINDS


def pause_for(code: int, message: str) -> Pause | None:
    """Return which window an app-level limit used up; only the text may tell."""
    if code not in _APP_LIMITS:
        return None
    said = message.lower()
    if any(word in said for word in ("qpd", "day", "daily")):
        return Pause.DAY
    if any(word in said for word in ("qps", "second")):
        return Pause.SECOND
    return Pause.MINUTE
