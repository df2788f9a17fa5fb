"""The fault scenarios: what TikTok does, and what the portal promises to show then.

How each is played stands in `mishaps.py` and `meanwhile.py`. The tests play every
fault at every step of every journey and look for these sentences; `docs/faults.md` is
made from them. "…" stands for a name, an address or a time.
"""

from __future__ import annotations

from dataclasses import dataclass

NOBODY = "Nobody: the portal goes on by itself"
LOGIN = "The login's owner connects again"
OPERATOR = "The operator checks the platform's base address"
LEARNS = "The operator: the portal has to learn the word"
CLIENT = "The client, asked by the account manager"

# What a client reads when the sign-in stops.
DOWN = "TikTok does not answer us just now."
UNREADABLE = "TikTok gave us an answer we could not read."
CANNOT_SHARE = "An admin of … does it."
# What a client reads about an account after Share.
ASKING = "We are asking for it. You need not wait."
LOOKING = "The share is sent; we look whether it arrived."
NOT_THROUGH = "It did not go through. Your contact here looks at it."
ARRIVED = "We looked from our side at … and hold …."
NOT_AS_ASKED = "… holds … (…); we asked for …."

SLOW_DOWN = "TikTok asks us to slow down. Nothing is lost; we go on later."
PAUSED = "The platform has asked us to slow down. Calls go on at …; nothing is lost."
ITS_FAULT = "TikTok has a fault on its side. Nothing is lost; we try again."
DEAD_KEY = "TikTok no longer accepts this login's key. Its owner connects again."
OUR_DEAD_KEY = "The platform no longer accepts this key. … must connect again."
NO_ANSWER = "… did not answer in time."
BROKEN_OFF = "The connection to … broke before the answer was complete."
NOT_READ = "… gave an answer the portal cannot read (…)."
INCOMPLETE = "TikTok's list was not complete: …. Nothing was stored; …."
NOT_LISTED = "Not listed for … yet. The portal reads again."
MISSED = "Not listed for … at …. The portal reads again."
NOT_THERE = "TikTok says it does not exist."


@dataclass(frozen=True)
class Fault:
    """`does` goes on from "TikTok". `staff`: one of these stands at what it met.

    What the client reads where it meets their journey: `signing_in` when it stops the
    sign-in or the reading of their accounts, `sharing` when it meets the share itself,
    `reading_back` when only the reading back is met.
    """

    does: str
    staff: tuple[str, ...]
    signing_in: str
    sharing: str
    reading_back: str = LOOKING
    acts: str = NOBODY


FAULTS: dict[str, Fault] = {
    "rate_second": Fault(
        "answers 40100: this second's calls are used up.", (SLOW_DOWN,), DOWN, ASKING
    ),
    "rate_minute": Fault(
        "answers 40100: this minute's calls are used up.",
        (SLOW_DOWN, PAUSED),
        DOWN,
        ASKING,
    ),
    "rate_day": Fault(
        "answers 40100: this day's calls are used up.",
        (SLOW_DOWN, PAUSED),
        DOWN,
        ASKING,
    ),
    "system_fault": Fault(
        "answers 50000: a fault on its side.", (ITS_FAULT,), DOWN, ASKING
    ),
    "service_timeout": Fault(
        "answers 50002: a time-out on its side.", (ITS_FAULT,), DOWN, ASKING
    ),
    "key_expired": Fault(
        "answers 40102: the key has expired.",
        (DEAD_KEY, OUR_DEAD_KEY),
        UNREADABLE,
        NOT_THROUGH,
        acts=LOGIN,
    ),
    "key_refused": Fault(
        "answers 40105: the key is wrong or revoked.",
        (DEAD_KEY, OUR_DEAD_KEY),
        UNREADABLE,
        NOT_THROUGH,
        acts=LOGIN,
    ),
    "partly": Fault(
        "does what was asked and answers 20001: only a part was done.",
        ("TikTok did a part of it. Read the access again to see which.",),
        UNREADABLE,
        ARRIVED,
    ),
    "slow": Fault("answers late, within the time-out.", (), ARRIVED, ARRIVED, ARRIVED),
    "stalled": Fault("never answers.", (NO_ANSWER,), DOWN, ASKING),
    "reset_before": Fault(
        "resets the connection before anything was done.", (BROKEN_OFF,), DOWN, ASKING
    ),
    "reset_after": Fault(
        "does what was asked and resets the connection.", (BROKEN_OFF,), DOWN, ARRIVED
    ),
    "cut": Fault(
        "does what was asked; its answer breaks off.", (BROKEN_OFF,), DOWN, ARRIVED
    ),
    "page_for_answer": Fault(
        "answers HTTP 200 with a web page.", (NOT_READ,), UNREADABLE, ASKING
    ),
    "http_500": Fault(
        "answers HTTP 500 with a web page.",
        ("… answered with HTTP 500.",),
        DOWN,
        ASKING,
    ),
    "http_502": Fault(
        "answers HTTP 502 with a web page.",
        ("… answered with HTTP 502.",),
        DOWN,
        ASKING,
    ),
    "empty": Fault("answers with nothing.", (NOT_READ,), UNREADABLE, ASKING),
    "redirect": Fault(
        "answers with a redirect.",
        ("… answered with a redirect, which the portal does not follow.",),
        UNREADABLE,
        NOT_THROUGH,
        acts=OPERATOR,
    ),
    "wrong_types": Fault(
        "does what was asked and answers with wrong types.",
        (NOT_READ,),
        UNREADABLE,
        ARRIVED,
    ),
    "new_words": Fault(
        "uses words nobody knows for roles, relations and states.",
        (
            NOT_AS_ASKED,
            "The visit stopped: the login is no admin of a Business Center.",
            "The visit stopped: none of the accounts can be shared by this login.",
            "… administers none of our Business Centers.",
        ),
        CANNOT_SHARE,
        ARRIVED,
        NOT_AS_ASKED,
        LEARNS,
    ),
    "rows_twice": Fault("lists every row twice.", (INCOMPLETE,), UNREADABLE, ARRIVED),
    "page_twice": Fault(
        "gives the first page again in place of the second.",
        (INCOMPLETE,),
        UNREADABLE,
        ARRIVED,
    ),
    "key_revoked": Fault(
        "is told by the login's owner to end the authorization.",
        (DEAD_KEY, OUR_DEAD_KEY),
        UNREADABLE,
        NOT_THROUGH,
        acts=LOGIN,
    ),
    "role_changed": Fault(
        "is told by the client, on its website, to lower our role.",
        (NOT_AS_ASKED,),
        ARRIVED,
        ARRIVED,
        NOT_AS_ASKED,
        CLIENT,
    ),
    "share_undone": Fault(
        "is told by the client, on its website, to take the share back.",
        (NOT_LISTED, MISSED, NOT_THERE),
        ARRIVED,
        ARRIVED,
        acts=CLIENT,
    ),
    "center_gone": Fault(
        "has the client's Business Center no more.",
        (
            NOT_LISTED,
            MISSED,
            NOT_THERE,
            "TikTok refused: this login lacks the permission or the role for it.",
        ),
        UNREADABLE,
        NOT_THROUGH,
        acts=CLIENT,
    ),
}
