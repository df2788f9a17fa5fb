"""How an authorization stands, for its creator: four steps, one sentence, what next."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.ladder import course
from accounts.models import SparkAuthorization
from accounts.platforms.spark import POSTS
from onboarding.spark_words import describe, words_of

State = SparkAuthorization.State
Text = str | Promise
Look = tuple[str, str, Text]

STEPS = (
    gettext_lazy("Asked"),
    gettext_lazy("You agreed"),
    gettext_lazy("Read back"),
    gettext_lazy("Ready"),
)
# Which step each state stands on, and its tone, icon and word there.
STANDS: dict[str, tuple[int, Look]] = {
    State.WAITING: (1, ("wait", "pending-client", gettext_lazy("Your turn"))),
    State.DECLINED: (1, ("off", "declined", gettext_lazy("You said no"))),
    State.EXPIRED: (1, ("off", "expired", gettext_lazy("Its day has passed"))),
    State.UNVERIFIED: (2, ("work", "unverified", gettext_lazy("Being read back"))),
    State.LOST: (2, ("bad", "lost", gettext_lazy("Not there any more"))),
    State.ACTIVE: (3, ("ok", "active", gettext_lazy("Ready"))),
    State.WITHDRAWING: (3, ("work", "revoking", gettext_lazy("Being ended"))),
    State.WITHDRAWN: (3, ("off", "revoked", gettext_lazy("Ended"))),
}
IN_PART: Look = ("wait", "drifted", gettext_lazy("In part"))
NOT_TODAY: Look = ("wait", "stale", gettext_lazy("Not checked today"))
HEADLINES: dict[str, Text] = {
    State.WAITING: gettext_lazy("%(agency)s waits for your answer"),
    State.DECLINED: gettext_lazy("You said no, and that is noted"),
    State.EXPIRED: gettext_lazy("The day for your answer has passed"),
    State.UNVERIFIED: gettext_lazy("You agreed. We look whether it arrived."),
    State.LOST: gettext_lazy("We cannot see your permission any more"),
    State.ACTIVE: gettext_lazy("Thank you, %(name)s. It arrived."),
    State.WITHDRAWING: gettext_lazy("Your permission is being ended"),
    State.WITHDRAWN: gettext_lazy("Your permission has ended"),
}
NEXT: dict[str, Text] = {
    State.WAITING: gettext_lazy("Connect again, and %(platform)s asks you once more."),
    State.DECLINED: gettext_lazy("%(manager)s is told. Nothing was given to us."),
    State.EXPIRED: gettext_lazy(
        "Do you still want it? Ask %(manager)s for a new code."
    ),
    State.UNVERIFIED: gettext_lazy(
        "We read at %(platform)s what you allowed. This page shows it by itself; you"
        " need not wait."
    ),
    State.LOST: gettext_lazy(
        "Perhaps you ended it in %(platform)s. If not, connect again."
    ),
    State.ACTIVE: gettext_lazy(
        "%(manager)s agrees with you on each post, and until when it runs. You can end"
        " all of it in %(platform)s at any time."
    ),
    State.WITHDRAWING: gettext_lazy(
        "The portal takes it back at %(platform)s and reads that it is gone. Ads that"
        " use it pause."
    ),
    State.WITHDRAWN: gettext_lazy(
        "Read back: we hold nothing of your account. Your posts stay on your profile."
    ),
}
MOVING = (State.UNVERIFIED, State.WITHDRAWING)
CONNECTS_AGAIN = (State.WAITING, State.LOST)


def look_of(authorization: SparkAuthorization) -> tuple[int, Look]:
    """Return the step it stands on and how; green only for all, read within a day."""
    place, look = STANDS[authorization.state]
    if authorization.state == State.ACTIVE:
        if authorization.missing:
            look = IN_PART
        elif not authorization.is_fresh:
            look = NOT_TODAY
    return place, look


def steps_of(authorization: SparkAuthorization) -> list[dict[str, Any]]:
    """Return the four steps for the ladder; what stops it stands on its own step."""
    place, (tone, icon, word) = look_of(authorization)
    key = authorization.connection
    agreed = key.key_given_at if key else None
    notes = (authorization.asked_at, agreed, authorization.verified_at)
    here = {"tone": tone, "icon": icon, "word": word}
    return course(STEPS, notes[:place], place, here)


def state_of(authorization: SparkAuthorization) -> dict[str, Any]:
    """Return what the page says about an authorization that is under way or over."""
    ask = describe(authorization)
    state = authorization.state
    words = words_of(authorization) if state == State.ACTIVE else []
    names = {
        "agency": ask["agency_name"],
        "manager": ask["manager_name"],
        "platform": ask["platform_label"],
        "name": ask["first_name"],
    }
    return {
        "ask": ask,
        "headline": str(HEADLINES[state]) % names,
        "what_next": str(NEXT[state]) % names,
        "steps": steps_of(authorization),
        "is_working": state in MOVING,
        "connects_again": state in CONNECTS_AGAIN,
        "words": words,
        "may_allow_rest": any(
            word["is_ours_to_ask"] and not word["is_granted"] for word in words
        ),
        "keeps_key": state in (State.UNVERIFIED, State.ACTIVE),
        "lacks_posts": POSTS in authorization.missing,
        "center": center_of(authorization),
    }


def center_of(authorization: SparkAuthorization) -> dict[str, Any] | None:
    """Return our Business Center's own code, while its list lacks the account."""
    is_wanted = authorization.center is not None and authorization.qr_url
    is_over = authorization.is_over
    if not is_wanted or is_over or authorization.is_in_center:
        return None
    return {
        "name": str(authorization.center),
        "url": authorization.qr_url,
        "made_at": authorization.qr_made_at,
        "label": _("Open it in TikTok"),
    }
