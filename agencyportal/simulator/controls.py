"""What the control door can do: one row for each of its addresses."""

from __future__ import annotations

from agencyportal.simulator import (
    consentlevers,
    levers,
    requestlevers,
    sharelevers,
    spoiling,
    views,
)
from agencyportal.simulator.controlrow import Control
from agencyportal.simulator.creatorcontrols import CREATOR_CONTROLS

# Who asked, and for which account.
BOTH = '{"bc_id": id, "asset_id": id}'

CONTROLS: tuple[Control, ...] = (
    Control("GET", "/_control/world", views.world, "Everything below in one answer."),
    Control("GET", "/_control/app", views.app, "App credentials, in clear."),
    Control(
        "POST",
        "/_control/app",
        levers.set_app,
        "Change the registered redirect addresses or the app's permissions.",
        '{"redirect_uris"?: [text], "scopes"?: [int], "creator_scopes"?: [text]}',
    ),
    Control("GET", "/_control/people", views.people, "People and their scenarios."),
    Control(
        "POST",
        "/_control/people",
        levers.add_person,
        "Add a person, with what a scenario gives them.",
        '{"id": slug, "name": text, "email": text, "scenario"?: name}',
    ),
    Control(
        "POST",
        "/_control/people/<id>",
        levers.set_person,
        "Choose a person's scenario (their centers and accounts are made anew) or"
        " change one trait.",
        '{"scenario"?: name, "withheld_scopes"?: [int], "reauthorization"?: value}',
    ),
    Control("GET", "/_control/centers", views.centers, "Centers and their members."),
    Control(
        "POST",
        "/_control/centers",
        levers.add_center,
        "Add a center with its members.",
        '{"name": text, "company"?: text, "admins"?: [person], "standards"?: [person],'
        ' "receives_by_hand"?: bool, "shares_wait"?: bool}',
    ),
    Control(
        "POST",
        "/_control/centers/<id>",
        levers.set_center,
        "Say whether shares to it, or shares it gives, wait for the receiver.",
        '{"receives_by_hand"?: bool, "shares_wait"?: bool}',
    ),
    Control("GET", "/_control/accounts", views.accounts, "Ad accounts."),
    Control(
        "POST",
        "/_control/accounts",
        levers.add_account,
        "Add an ad account to a center, or to a person without one.",
        '{"name": text, "bc_id": id | "person": person, "company"?: text}',
    ),
    Control(
        "POST",
        "/_control/accounts/<id>",
        levers.set_account,
        "Change an ad account's status, or its owner center's hold on it.",
        '{"status"?: text, "relation_status"?: value}',
    ),
    Control(
        "POST",
        "/_control/members/accept",
        levers.accept_member,
        "Accept an invitation by e-mail as the person of that address.",
        '{"bc_id": id, "email": text}',
    ),
    Control(
        "POST",
        "/_control/members/decline",
        levers.decline_member,
        "Decline an invitation by e-mail.",
        '{"bc_id": id, "email": text}',
    ),
    Control("GET", "/_control/shares", views.shares, "Shares between centers."),
    Control(
        "POST",
        "/_control/shares/accept",
        sharelevers.accept_shares,
        "Accept waiting shares as the receiver.",
        '{"giver": id, "receiver": id, "asset_ids"?: [id]}',
    ),
    Control(
        "POST",
        "/_control/shares/decline",
        sharelevers.decline_shares,
        "Decline waiting shares as the receiver.",
        '{"giver": id, "receiver": id, "asset_ids"?: [id]}',
    ),
    Control(
        "POST",
        "/_control/shares/undo",
        sharelevers.undo_shares,
        "Take shares back as the giver, on the website.",
        '{"giver": id, "receiver": id, "asset_ids"?: [id]}',
    ),
    Control(
        "GET", "/_control/access", views.relations, "Requests for access to accounts."
    ),
    Control(
        "POST",
        "/_control/access",
        requestlevers.ask,
        "Request access to an ad account as a center that does not own it.",
        '{"bc_id": id, "asset_id": id, "advertiser_role"?: value}',
    ),
    *(
        Control("POST", f"/_control/access/{verb}", run, sentence, BOTH)
        for verb, run, sentence in (
            ("approve", requestlevers.approve, "Approve a request as the owner."),
            ("refuse", requestlevers.refuse, "Refuse a request as the owner."),
            ("cancel", requestlevers.cancel, "Cancel a request as who asked."),
            ("unlink", requestlevers.unlink, "End as the owner what was approved."),
        )
    ),
    Control("GET", "/_control/tokens", views.tokens, "Tokens as fingerprints."),
    Control(
        "POST",
        "/_control/tokens/revoke",
        consentlevers.revoke_tokens,
        "Withdraw a person's authorization; every token dies.",
        '{"person": person}',
    ),
    Control(
        "POST",
        "/_control/consent",
        consentlevers.consent,
        "Consent without a browser. Redirect address: the first registered one;"
        ' "refuse" defaults to what the person\'s scenario presses.',
        '{"person": person, "redirect_uri"?: text, "state"?: text, "scopes"?: [int],'
        ' "advertiser_ids"?: [id], "refuse"?: bool} -> {"location": address}',
    ),
    *CREATOR_CONTROLS,
    Control("GET", "/_control/switches", views.switches, "Switches and their values."),
    Control(
        "POST",
        "/_control/switches",
        levers.set_switches,
        "Set switches by name, all or none.",
        '{"<switch>": value}',
    ),
    Control("GET", "/_control/scenarios", views.scenarios, "The scenario table."),
    Control(
        "GET",
        "/_control/faults",
        views.faults,
        "The fault scenarios, and those that wait for calls now.",
    ),
    Control(
        "POST",
        "/_control/faults",
        spoiling.arm,
        'Spoil calls of one endpoint, or of all ("*"): "times" of them (one for what'
        ' people do on the website, else all until cleared) once "after" went well, or'
        ' "percent" of them.',
        '{"endpoint": name, "fault": name, "times"?: int, "after"?: int,'
        ' "percent"?: int}',
    ),
    Control(
        "POST", "/_control/faults/clear", spoiling.clear, "Let every call go well."
    ),
    Control(
        "GET",
        "/_control/counters",
        views.counters,
        "Calls and errors per endpoint since start or reset.",
    ),
    Control(
        "POST", "/_control/counters/reset", levers.reset_counters, "Count from zero."
    ),
    Control(
        "GET",
        "/_control/requests",
        views.requests,
        "The last API requests, secrets as fingerprints. Query: last=50 (most 500).",
    ),
    Control(
        "POST",
        "/_control/clock",
        levers.advance_clock,
        "Move the simulated time forward, for codes that expire.",
        '{"advance_seconds": int}',
    ),
    Control(
        "POST",
        "/_control/reset",
        levers.reset,
        "Start again with a named world, switches at their defaults, counters at 0.",
        '{"world"?: name}',
    ),
)
