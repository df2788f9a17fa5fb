"""The fix cards: which there are, who acts on each, and where its steps come from.

Their words are templates, `accounts/fixes/<key>.html` and, of the letter, `.txt`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.platforms.told import GUIDE, Told

CHECKED = dt.date(2026, 11, 22)
API = "TikTok API for Business, v1.3"
SURVEY = "A survey of TikTok's return codes, August 2026"
HOUSE = "How this portal works"


class Who(StrEnum):
    """Whose move it is; `turn` means: as the grant's own ladder says."""

    TURN = "turn"
    CLIENT = "client"
    MANAGER = "manager"
    CENTER_ADMIN = "center_admin"
    CREATOR = "creator"
    OPERATOR = "operator"
    PORTAL = "portal"


@dataclass(frozen=True)
class Card:
    """One trouble and its way out. Sources that disagree are all shown."""

    key: str
    title: str | Promise
    who: Who
    told: tuple[Told, ...]
    has_letter: bool = False
    tone: str = "bad"

    @property
    def template(self) -> str:
        return f"accounts/fixes/{self.key}.html"

    @property
    def letter(self) -> str:
        """Return the template of the letter, "" where nobody is written to."""
        return f"accounts/fixes/{self.key}.txt" if self.has_letter else ""


def _told(words: str | Promise, source: str) -> Told:
    return Told(words, source, CHECKED)


_CARDS = (
    # The guide's five.
    Card(
        "already_linked",
        _("Linked to another Business Center"),
        Who.CLIENT,
        (
            _told(
                _("An account may be linked to several centers; nothing is removed."),
                f"{GUIDE}, issue 1",
            ),
            _told(
                _("Only the center that owns it shares it, not one it is shared with."),
                API,
            ),
        ),
        has_letter=True,
    ),
    Card(
        "not_received",
        _("Perhaps not received"),
        Who.CLIENT,
        (
            _told(
                _("TikTok notifies in the Business Center, not only by e-mail."),
                f"{GUIDE}, issue 2",
            ),
            _told(
                _("The notice stands in Ads Manager, and an e-mail is sent."),
                "TikTok help: manage assets in an agency's Business Center",
            ),
        ),
        has_letter=True,
        tone="wait",
    ),
    Card(
        "wrong_role",
        _("Not as agreed"),
        Who.TURN,
        (
            _told(_("Users, Ad Accounts, our user, the pencil."), f"{GUIDE}, issue 3"),
            _told(
                _("A share is the partner's: Partners, our center, the account."), API
            ),
        ),
        has_letter=True,
    ),
    Card(
        "attribution",
        _("Attribution: only the client sets it"),
        Who.CLIENT,
        (
            _told(
                _("View-only for agencies since 1 January 2024."), f"{GUIDE}, issue 4"
            ),
        ),
        has_letter=True,
        tone="wait",
    ),
    Card(
        "sandbox",
        _("A sandbox account"),
        Who.CLIENT,
        (
            _told(_("A sandbox spends at most 500 USD a day."), f"{GUIDE}, issue 5"),
            _told(
                _("Nothing TikTok tells marks one: a colleague ticks it."),
                "TikTok API for Business, advertiser/info",
            ),
        ),
        has_letter=True,
        tone="wait",
    ),
    # What the platform refuses.
    Card(
        "not_admin",
        _("The login may not share"),
        Who.CLIENT,
        (_told(_("Sharing needs an admin of the giving center."), API),),
        has_letter=True,
    ),
    Card(
        "missing_scopes",
        _("A permission was left out"),
        Who.CLIENT,
        (
            _told(
                _("Permissions belong to the app; who consents may grant fewer."),
                SURVEY,
            ),
        ),
        has_letter=True,
    ),
    Card(
        "owned_by_person",
        _("Owned by one person"),
        Who.CLIENT,
        (
            _told(
                _("A center shares only what it owns; the owner is read with it."), API
            ),
        ),
        has_letter=True,
    ),
    Card(
        "only_shared",
        _("Only shared with the client"),
        Who.CLIENT,
        (_told(_("What was shared with a center cannot be passed on."), API),),
        has_letter=True,
    ),
    Card(
        "no_center",
        _("No Business Center to share from"),
        Who.MANAGER,
        (
            _told(_("We request access in our own center."), f"{GUIDE}, Method A"),
            _told(_("No call asks for access: it is done on the website."), API),
        ),
        has_letter=True,
        tone="wait",
    ),
    Card(
        "receiver_accepts",
        _("Our center must accept"),
        Who.CENTER_ADMIN,
        (
            _told(
                _("The partner sees the accounts at once."),
                "TikTok help: share assets with partners, 2024",
            ),
            _told(
                _("Nothing is listed until the receiving center accepts."),
                "A practitioner's tests",
            ),
        ),
        tone="wait",
    ),
    Card(
        "dead_token",
        _("The client's key no longer works"),
        Who.CLIENT,
        (
            _told(
                _("It never ends by itself; its owner or an app's owner withdraws it."),
                SURVEY,
            ),
        ),
        has_letter=True,
    ),
    Card(
        "creator_again",
        _("The creator connects again"),
        Who.CREATOR,
        (
            _told(
                _("The key renews itself for a year; its owner can end it any day."),
                API,
            ),
        ),
        has_letter=True,
    ),
    Card(
        "wrong_login",
        _("The wrong login"),
        Who.CLIENT,
        (_told(_("40106, 40119: another user, or another company."), SURVEY),),
        has_letter=True,
    ),
    Card(
        "rate_limit",
        _("TikTok asks us to slow down"),
        Who.PORTAL,
        (
            _told(
                _("Ten calls a second, 600 a minute for a new app."),
                "TikTok's page on rate limits, v1.3",
            ),
        ),
        tone="work",
    ),
    Card(
        "app_refused",
        _("TikTok does not accept our app"),
        Who.OPERATOR,
        (_told(_("The app, its secret or its address is not as registered."), SURVEY),),
    ),
    # What the books and the reads tell.
    Card(
        "declined",
        _("Declined"),
        Who.MANAGER,
        (_told(_("REJECTED: the owner refused the request."), API),),
        has_letter=True,
    ),
    Card(
        "lost", _("Gone"), Who.TURN, (_told(_("Gone means: not listed twice."), HOUSE),)
    ),
    Card(
        "found",
        _("Nobody asked for this"),
        Who.TURN,
        (_told(_("What is read and was never asked for is never green."), HOUSE),),
        tone="wait",
    ),
)

CARDS = {card.key: card for card in _CARDS}
