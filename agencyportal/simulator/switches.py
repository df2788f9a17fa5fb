"""The named switches: every fact that is unconfirmed or told in two ways.

Each has a default and one sentence; TikTok facts name the open points (2.1, 2.2,
5.3, 5.5, 5.8, 6, 8.2).
"""

from __future__ import annotations

from agencyportal.simulator.creatorswitches import CREATOR_SWITCHES
from agencyportal.simulator.switch import Switch, Value, yes_no

MOST = 100_000

SWITCHES: dict[str, Switch] = {
    **CREATOR_SWITCHES,
    "advertiser_info_max_ids": Switch(
        100, "Most ids in one advertiser/info call; more answer 40011.", most=10_000
    ),
    "approved_in_partner_get": yes_no(
        True,
        "Whether bc/partner/asset/get lists an ad account whose owner approved a"
        " request for access, as it lists a share.",
    ),
    "app_calls_per_second": Switch(
        0,
        "Calls of the app in one second; more answer 40100. 0: any number.",
        most=MOST,
    ),
    "callback_code": Switch(
        "auth_code",
        "Which parameter the callback carries the code in.",
        ("auth_code", "both", "code"),
    ),
    "consent_accounts": Switch(
        "all",
        "Whether a person may limit the consent to some ad accounts.",
        ("all", "pick"),
    ),
    "finance_ends_when_empty": yes_no(
        True, "Whether an empty ext_user_role takes a member's finance role off."
    ),
    "latency_ms": Switch(
        0,
        "Milliseconds each call is under way, half of them before it is done.",
        most=MOST,
    ),
    "member_page_max": Switch(
        20, "Greatest page_size of bc/member/get (told as 20 and as none).", most=1000
    ),
    "linked_elsewhere": Switch(
        "share",
        "What bc/partner/add does to an ad account that another center holds, too; its"
        " owner's website says it is no obstacle.",
        ("share", "refuse"),
    ),
    "members_max": Switch(
        4000,
        "Most members of one Business Center (told as 1,000 and 4,000).",
        most=10_000,
    ),
    "not_owner_code": Switch(
        40001,
        "Code for sharing an ad account the center does not own.",
        (40001, 40002),
    ),
    "oauth_token_shape": Switch(
        "data", "Where oauth/token puts its fields.", ("data", "top")
    ),
    "partner_delete_ends": Switch(
        "both",
        "Which shares end with bc/partner/delete: of both centers, those the caller"
        " gave, or none.",
        ("both", "given", "none"),
    ),
    "reauthorization": Switch(
        "new_old_alive",
        "What a second authorization gives; a person's own setting goes first.",
        ("same", "new_old_alive", "new_old_dead"),
    ),
    "receiver_may_delete_partner": yes_no(
        True, "Whether the receiving center may call bc/partner/delete."
    ),
    "receiver_must_accept": yes_no(
        False,
        "Whether every partner share waits for the receiver; a center's own"
        " setting (receives_by_hand, shares_wait) can ask for it alone.",
    ),
    "refusal_error": yes_no(
        False, "Whether a refusal comes back with error=access_denied."
    ),
    "share_again": Switch(
        "update_role",
        "What bc/partner/add does to an ad account already shared.",
        ("update_role", "keep_role", "refuse"),
    ),
    "share_partly": Switch(
        "refuse_all",
        "What one ad account that cannot be shared does to its batch: refuse it, or"
        " share the rest with code 20001.",
        ("refuse_all", "share_rest"),
    ),
    "share_visible_after_reads": Switch(
        0, "Reads of the receiver that do not show a new share yet.", most=1000
    ),
    "share_visible_after_seconds": Switch(
        0, "Seconds until the receiver's reads show a new share.", most=86_400
    ),
    "shared_in_admin_get": yes_no(
        True,
        "Whether the receiver's bc/asset/admin/get lists partner shares"
        " (OWNER_PARTNER).",
    ),
    "unknown_partner_code": Switch(
        40002, "Code for a partner_id that does not exist.", (40001, 40002)
    ),
    "unshared_in_admin_get": Switch(
        "gone",
        "Whether a share taken back leaves the receiver's bc/asset/admin/get or"
        " stays as UNBOUND.",
        ("gone", "unbound"),
    ),
    "user_info_method": Switch(
        "both", "Methods user/info answers to.", ("both", "GET", "POST")
    ),
}


def defaults() -> dict[str, Value]:
    return {name: switch.default for name, switch in SWITCHES.items()}
