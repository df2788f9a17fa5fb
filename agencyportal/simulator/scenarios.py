"""The scenario table: each is a person whose login shows one case.

Tests and browser walks are generated from SCENARIOS and, for creators, from CREATORS;
world "demo" has everybody.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """`person` is the id on the consent page; `button` is what that person presses."""

    name: str
    person: str
    sentence: str
    button: str = "authorize"


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "happy",
        "sofia",
        "Admin of one center with three ad accounts of its own, one a partner owns"
        " and one an individual owns.",
    ),
    Scenario(
        "receiver_must_accept",
        "dana",
        "Shares answer OK, yet the receiving center sees nothing until it accepts.",
    ),
    Scenario("not_admin", "paolo", "Standard member: sees the center, may not share."),
    Scenario(
        "several_centers",
        "ines",
        "Admin of two centers of one company and a standard member of a third.",
    ),
    Scenario(
        "no_center", "maren", "Two individual ad accounts and no Business Center."
    ),
    Scenario("zero_accounts", "oskar", "Admin of a center without any ad account."),
    Scenario(
        "many_accounts",
        "greta",
        "Admin of a center with 130 ad accounts, more than one page and one batch.",
    ),
    Scenario(
        "partial_scopes",
        "yusuf",
        "Withholds Business Center Partner Management (155) from the consent.",
    ),
    Scenario("refusal", "ruth", "Presses Refuse on the consent page.", "refuse"),
    Scenario(
        "two_clients",
        "nadia",
        "One login that is admin of the centers of two different companies.",
    ),
    Scenario(
        "reauthorize_same",
        "hugo",
        "A second authorization gives the same token again.",
    ),
    Scenario(
        "reauthorize_new_old_alive",
        "elin",
        "A second authorization gives a new token; the old one still works.",
    ),
    Scenario(
        "reauthorize_new_old_dead",
        "marco",
        "A second authorization gives a new token; the old one is dead.",
    ),
    Scenario(
        "agency_admin", "priya", "The agency's own admin of both receiving centers."
    ),
    Scenario(
        "agency_second_admin", "mira", "A second admin of the agency's main center."
    ),
    Scenario(
        "agency_not_admin", "jonas", "A standard member of the agency's main center."
    ),
)

CREATORS: tuple[Scenario, ...] = (
    Scenario("creator_whole", "aino", "Grants all that is asked for."),
    Scenario("creator_partial", "nora", "Unticks public videos and grants the rest."),
    Scenario(
        "creator_no_posts", "luis", "Unticks posts for ads: the one thing ads need."
    ),
    Scenario("creator_refuses", "kit", "Presses Refuse on the consent page.", "refuse"),
    Scenario("creator_in_use", "jun", "Has a post that a running ad uses, by a code."),
    Scenario("client_own", "halden", "The client's own TikTok account."),
)
