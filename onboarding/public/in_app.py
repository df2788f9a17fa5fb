"""Know the browsers inside apps: their sign-in is not the phone's own."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

# What each app puts into the name of the browser it carries inside.
APPS = {
    "TikTok": r"musical_ly|Bytedance|TikTok|trill_|aweme",
    "Instagram": r"Instagram",
    "Facebook": r"FBAN|FBAV|FB_IAB",
    "Snapchat": r"Snapchat",
    "LINE": r"\bLine/",
    "X": r"Twitter",
    "LinkedIn": r"LinkedInApp",
    "Pinterest": r"\[?Pinterest/",
    "WeChat": r"MicroMessenger",
    "Telegram": r"Telegram",
}
# Android says so of any view inside an app, whoever's it is.
ANY_APP = r"; wv\)"


def app_of(user_agent: str) -> str:
    """Return the app whose inner browser this is, "" for a browser of its own.

    One that has no name here is "an app".
    """
    for app, pattern in APPS.items():
        if re.search(pattern, user_agent, re.IGNORECASE):
            return app
    return _("an app") if re.search(ANY_APP, user_agent) else ""
