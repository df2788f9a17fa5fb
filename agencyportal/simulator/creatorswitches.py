"""The switches about creators, their keys and their posts (TikTok facts 3, 5.2, 7)."""

from __future__ import annotations

from agencyportal.simulator.switch import Switch, yes_no

DAY = 86_400

CREATOR_SWITCHES: dict[str, Switch] = {
    "ad_auth_status": Switch(
        "AUTHORIZED",
        "What ad_auth_status says of a code in effect; its words are not documented.",
        ("AUTHORIZED", "IN_EFFECT", "SOMETHING_NEW"),
    ),
    "asset_is_identity": yes_no(
        False,
        "Whether a creator's account has one id in bc/asset/get and identity/get.",
    ),
    "center_link_seconds": Switch(
        0,
        "Seconds a center's link for creators works; 0 is without an end.",
        most=365 * DAY,
    ),
    "center_link_needs_admin": yes_no(
        True, "Whether only a center's admin may fetch its link for creators."
    ),
    "clock_skew_seconds": Switch(
        0,
        "Seconds TikTok's clock is ahead: creators' keys end that much earlier than it"
        " tells.",
        most=DAY,
    ),
    "code_in_use_can_end": yes_no(
        True,
        "Whether business/post/authorize/delete ends a code that a running ad uses;"
        " is_ad_promotable false never does.",
    ),
    "creator_access_seconds": Switch(
        DAY, "Seconds a creator's access token works.", most=365 * DAY
    ),
    "creator_accounts_shown": Switch(
        "admin_all",
        "Whether bc/asset/get shows an admin every creator's account of the center, or"
        " as anybody only those assigned.",
        ("admin_all", "assigned"),
    ),
    "creator_redirect_rule": yes_no(
        False,
        "Whether a creator's redirect address must be https, end with a slash and have"
        " neither port nor query. Off, so that a demo runs on this machine.",
    ),
    "creator_refresh_seconds": Switch(
        365 * DAY, "Seconds until a creator must consent anew.", most=10 * 365 * DAY
    ),
    "creator_skips_with_code": yes_no(
        False,
        "Whether a creator who granted the same before, and so skips the page, comes"
        " back with a code.",
    ),
    "dead_refresh_code": Switch(
        40107,
        "Code for a refresh token that is wrong, replaced or withdrawn.",
        (40107, 40103, 40105, 40110, 40131),
    ),
    "identity_name_field": Switch(
        "username",
        "Which field identity/get has the handle in.",
        ("username", "user_name"),
    ),
    "members_of_creator_account": yes_no(
        False, "Whether bc/asset/member/get answers for TT_ACCOUNT."
    ),
    "refresh_expiry": Switch(
        "counts_down",
        "What refresh_token_expires_in says: the seconds left of the year, or always"
        " 2592000.",
        ("counts_down", "fixed"),
    ),
    "refresh_rotation": Switch(
        "none",
        "Whether a refresh gives a new refresh token: never; yes, and the old one"
        " answers for 60 seconds more; yes, and using the old one ends them all.",
        ("none", "grace", "strict"),
    ),
    "refresh_tells_expiry": yes_no(
        True, "Whether a creator's tokens come with the seconds they work for."
    ),
}
