"""What a creator reads: what is asked and why, what stopped, how it stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import SparkAuthorization
from accounts.platforms.registry import platform
from accounts.platforms.spark import LIVE, POSTS, PROFILE, VIDEOS
from accounts.zones import clock

Text = str | Promise

# What each word means for whom it is asked of.
MEANING: dict[str, tuple[Text, Text]] = {
    POSTS: (
        _("Use posts you choose, in ads"),
        _(
            "Only posts you release one by one, each with an end date. Without this"
            " there are no ads."
        ),
    ),
    PROFILE: (
        _("See your profile"),
        _("Your name, handle and picture: they stand above the ad."),
    ),
    VIDEOS: (
        _("See your public videos"),
        _("So that %(manager)s can suggest posts. Otherwise you send the links."),
    ),
    LIVE: (
        _("See your live videos"),
        _("Only if a live stream is to run as an ad."),
    ),
}

# What stopped a trip: heading, what happened, who acts, what to do. Each may name
# %(platform)s, %(manager)s, %(asked)s and %(login)s.
STOPPED: dict[str, tuple[Text, Text, Text, tuple[Text, ...]]] = {
    "refused": (
        _("You said no, and that is noted"),
        _("%(platform)s told us that you did not agree. We were given nothing."),
        _("You decide. Nobody else has to do anything."),
        (
            _("If that was not meant, start again and agree on %(platform)s."),
            _("If something was unclear, ask %(manager)s first."),
        ),
    ),
    "no_code": (
        _("%(platform)s sent you back without an answer"),
        _(
            "That happens to who has agreed before, or when its page closes too soon."
            " We were given nothing."
        ),
        _("You can start again right away."),
        (
            _("Start again and wait until %(platform)s has led you back here."),
            _("If it happens again, tell %(manager)s."),
        ),
    ),
    "code_expired": (
        _("That took a little too long"),
        _("The answer of %(platform)s is good for ten minutes, and they are over."),
        _("You can start again right away."),
        (_("Start again. You are still signed in, so it takes a minute."),),
    ),
    "platform_down": (
        _("%(platform)s does not answer"),
        _("We asked it several times. Nothing is lost, and nothing was changed."),
        _("You can start again in a while."),
        (_("Wait a quarter of an hour, then start again with the same link."),),
    ),
    "discovery_failed": (
        _("%(platform)s did not tell us who you are"),
        _("It answered, and we cannot use what it said. We keep nothing of it."),
        _("%(manager)s looks into it."),
        (_("Start again. If it happens again, tell %(manager)s."),),
    ),
    "wrong_account": (
        _("Another account signs in"),
        _("We forgot the account that was shown and end what it gave us."),
        _("The owner of %(asked)s does it."),
        (
            _("Sign out of %(platform)s in this browser, or switch accounts there."),
            _("Start again and sign in as %(asked)s."),
        ),
    ),
    "other_handle": (
        _("Is this the right account?"),
        _("You are signed in to %(platform)s as %(login)s; we asked %(asked)s."),
        _("You say which one it is."),
        (
            _("Not this one? Forget it here, then sign in as %(asked)s."),
            _(
                "Is %(login)s right? Tell %(manager)s, who corrects the name. Then"
                " start again."
            ),
        ),
    ),
    "other_creator": (
        _("This account belongs to somebody else"),
        _(
            "You are signed in to %(platform)s as %(login)s. In our books that is"
            " another creator than %(asked)s."
        ),
        _("You say which one it is."),
        (
            _("Not this one? Forget it here, then sign in as %(asked)s."),
            _("Is it yours all the same? Tell %(manager)s."),
        ),
    ),
    "second_login": (
        _("Another account has said yes already"),
        _(
            "You are signed in to %(platform)s with another account, and nothing tells"
            " us that it is %(asked)s as well. We end what it gave us."
        ),
        _("%(manager)s decides which account it is."),
        (
            _("Did you say yes before? Start again with the account you used then."),
            _("Is this the right one? Tell %(manager)s."),
        ),
    ),
    "unsure_handle": (
        _("Is this your account?"),
        _("You are signed in to %(platform)s as %(login)s; we asked %(asked)s."),
        _("You say whether that is the one. Nothing is booked before."),
        (),
    ),
}


def clock_of(authorization: SparkAuthorization) -> dt.tzinfo:
    return clock(authorization.creator.time_zone, authorization.client.time_zone)


def describe(authorization: SparkAuthorization) -> dict[str, Any]:
    """Return the `ask` of pages, cards and letters: who asks whom for what."""
    creator = authorization.creator
    return {
        "agency_name": settings.AGENCY_NAME,
        "client_name": authorization.client.name,
        "contact_name": creator.name,
        "creator_shown": creator.shown,
        "first_name": creator.name.split()[0],
        "manager_name": str(authorization.asked_by),
        "platform_label": platform(authorization.platform).label,
        "campaign": authorization.campaign,
        "campaign_ends_on": authorization.campaign_ends_on,
        "closes_at": authorization.closes_at.astimezone(clock_of(authorization)),
        "wants_posts": POSTS in authorization.asked,
    }


def words_of(authorization: SparkAuthorization) -> list[dict[str, Any]]:
    """Return what is asked, word by word, and which the platform itself must ask."""
    spec = platform(authorization.platform).spark
    names = {"manager": authorization.asked_by}
    return [
        {
            "key": word,
            "title": MEANING[word][0],
            "note": str(MEANING[word][1]) % names,
            "is_granted": word in authorization.granted,
            "is_ours_to_ask": bool(spec.scopes_of([word])),
        }
        for word in authorization.asked
        if word in MEANING
    ]


def stopped(
    authorization: SparkAuthorization, problem: str, login: str
) -> dict[str, Any]:
    """Return the parts of the page for what stopped a trip."""
    heading, what, who, steps = STOPPED.get(problem, STOPPED["discovery_failed"])
    names = {
        "platform": platform(authorization.platform).label,
        "manager": authorization.asked_by,
        "asked": authorization.creator.shown,
        "login": login or _("an account it does not name"),
    }
    return {
        "title": str(heading) % names,
        "sentence": str(what) % names,
        "who": str(who) % names,
        "steps": [str(step) % names for step in steps],
    }
