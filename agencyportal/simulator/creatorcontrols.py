"""The rows of the control door that are about creators."""

from __future__ import annotations

from agencyportal.simulator import creatorlevers, creatorviews, postlevers
from agencyportal.simulator.controlrow import Control

CREATOR_CONTROLS: tuple[Control, ...] = (
    Control(
        "GET", "/_control/creators", creatorviews.creators, "Creators and their ids."
    ),
    Control(
        "POST",
        "/_control/creators",
        creatorlevers.add,
        "Add a creator.",
        '{"id": slug, "name"?: text, "username"?: text}',
    ),
    Control(
        "POST",
        "/_control/creators/many",
        creatorlevers.make_pairs,
        "Add creators who have consented to all; return their tokens, in clear.",
        '{"count": int} -> [what tt_user/oauth2/token answers]',
    ),
    Control(
        "POST",
        "/_control/creators/consent",
        creatorlevers.consent,
        "Consent as a creator without a browser. Redirect address: the last registered"
        ' one; "scopes": what is asked for, else all of the app\'s; "withhold" and'
        ' "refuse" default to what the creator\'s scenario does.',
        '{"creator": id, "redirect_uri"?: text, "state"?: text, "scopes"?: [text],'
        ' "withhold"?: [text], "refuse"?: bool} -> {"location": address}',
    ),
    Control(
        "POST",
        "/_control/creators/withdraw",
        creatorlevers.withdraw,
        "End a creator's consent as in the app's settings; every token dies.",
        '{"creator": id}',
    ),
    Control(
        "GET",
        "/_control/holds",
        creatorviews.holds,
        "Creators' accounts in centers, with their members and ad accounts.",
    ),
    Control(
        "POST",
        "/_control/creators/approve",
        creatorlevers.approve_center,
        "Let a center use a creator's account, as its QR code asks; roles: POST.",
        '{"creator": id, "bc_id": id, "roles"?: [text]}',
    ),
    Control(
        "POST",
        "/_control/creators/leave",
        creatorlevers.leave_center,
        "Take a creator's account out of a center, as its owner in the app.",
        '{"creator": id, "bc_id": id}',
    ),
    Control(
        "GET",
        "/_control/pairs",
        creatorviews.pairs,
        "Creators' tokens as hashes.",
    ),
    Control(
        "GET",
        "/_control/refreshes",
        creatorviews.refreshes,
        "Refreshes since start or reset: calls, pairs renewed, replaced tokens used"
        " again, calls in parallel for one token.",
    ),
    Control(
        "GET", "/_control/posts", creatorviews.posts, "Posts; codes as fingerprints."
    ),
    Control(
        "POST",
        "/_control/posts/code",
        postlevers.make_code,
        "Make a post's ad authorization code, as its creator in the app.",
        '{"item_id": id, "days"?: 7 | 30 | 60 | 365} -> {"code": text}',
    ),
    *(
        Control("POST", f"/_control/posts/{verb}", run, sentence, '{"item_id": id}')
        for verb, run, sentence in (
            ("withdraw", postlevers.end_code, "Withdraw a post's code in the app."),
            ("expire", postlevers.expire_code, "Let a post's code end now."),
            ("delete", postlevers.delete, "Delete a post; its code ends."),
        )
    ),
    Control("GET", "/_control/ads", creatorviews.ads, "Ads that use posts."),
    Control(
        "POST",
        "/_control/ads",
        postlevers.set_ad,
        "Run an ad of an ad account with a post, or pause it.",
        '{"advertiser_id": id, "item_id": id, "is_running"?: bool}',
    ),
)
