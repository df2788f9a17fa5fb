"""Every address of the portal, from its URLconf, with example arguments.

A new URL without a row here fails the walks: add one line to ADDRESSES with the group
that says who gets what, and where its arguments come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from tests.walks.world import Side, World

Arguments = Callable[[Side, World], list[Any]]


@dataclass(frozen=True)
class Address:
    """One URL of the URLconf. `named` is its full name, or its route if it has none.

    `of_side` is True where the arguments differ from client to client.
    """

    named: str
    group: str
    arguments: Arguments
    of_side: bool
    route: str

    def url(self, side: Side, world: World) -> str:
        arguments = [str(argument) for argument in self.arguments(side, world)]
        if self.named != self.route:
            return reverse(self.named, args=arguments)
        url = self.route
        for argument in arguments:
            start, end = url.index("<"), url.index(">")
            url = url[:start] + argument + url[end + 1 :]
        return "/" + url


def nothing(side: Side, world: World) -> list[Any]:
    return []


def of(*path: str) -> Arguments:
    """Arguments from the side: of("client.pk") is [side.client.pk]."""

    def arguments(side: Side, world: World) -> list[Any]:
        return [_follow(side, dotted) for dotted in path]

    return arguments


def of_reset(side: Side, world: World) -> list[Any]:
    return [world.reset.user_id]


def of_ours(side: Side, world: World) -> list[Any]:
    return [world.ours.pk]


def of_seat(side: Side, world: World) -> list[Any]:
    return [world.seat.pk]


def of_partner(side: Side, world: World) -> list[Any]:
    return [world.ours.pk, world.stranger.pk]


def of_stranger(side: Side, world: World) -> list[Any]:
    return [world.stranger.pk]


def fixed(*values: Any) -> Arguments:
    return lambda side, world: list(values)


def _follow(start: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        start = getattr(start, name)
    return start


# Model of a desk: (group of its list, of its add form, of its page, its row).
DESKS: dict[str, tuple[str, str, str, Arguments]] = {
    "accounts_adaccount": ("list", "worked", "page", of("account.pk")),
    "accounts_businesscenter": ("list", "owned", "page", of("center.pk")),
    "accounts_client": ("list", "worked", "page", of("client.pk")),
    "accounts_connection": ("closed list", "never", "closed page", of("connection.pk")),
    "accounts_event": ("closed list", "never", "closed page", of("event.pk")),
    "accounts_member": (
        "list",
        "owned",
        "house page",
        lambda side, world: [world.seat.grantee.member_id],
    ),
    "accounts_team": (
        "list",
        "worked",
        "house page",
        lambda side, world: [world.team.pk],
    ),
    "accounts_platformlimit": (
        "list",
        "owned",
        "house page",
        lambda side, world: [world.limit.pk],
    ),
    "accounts_rolegrant": ("list", "never", "page", of("grant.pk")),
    "accounts_creator": ("list", "worked", "page", of("spark.creator_id")),
    "accounts_sparkauthorization": ("list", "never", "page", of("spark.pk")),
    "accounts_postauthorization": ("list", "never", "page", of("post.pk")),
    "accounts_user": (
        "list",
        "owned",
        "house page",
        lambda side, world: [world.people["auditor"].pk],
    ),
    "onboarding_accessrequest": (
        "closed list",
        "never",
        "closed page",
        of("asked.pk"),
    ),
}

ADDRESSES: dict[str, tuple[str, Arguments]] = {
    "home": ("home", nothing),
    "admin:index": ("desk", nothing),
    "admin:login": ("sign-in door", nothing),
    "admin:logout": ("elsewhere", nothing),
    "admin:password_change": ("elsewhere", nothing),
    "admin:password_change_done": ("desk", nothing),
    "admin:autocomplete": ("autocomplete", nothing),
    "admin:jsi18n": ("desk", nothing),
    "admin:app_list": ("app", fixed("accounts")),
    "admin/(?P<url>.*)$": ("nowhere", nothing),
    "admin:accounts_adopt": ("worked leap", nothing),
    "admin:accounts_decide": ("page", of("change.approval_id")),
    "admin:accounts_rolegrant_role": ("worked page", of("grant.pk")),
    "admin:accounts_rolegrant_read": ("post only", of("grant.pk")),
    "admin:accounts_rolegrant_take_back": ("worked page", of("grant.pk")),
    "admin:accounts_disconnect": ("worked page", of("given.pk")),
    "admin:accounts_keep_connected": ("post only", of("given.pk")),
    "admin:accounts_refresh": ("post only", of("connection.pk")),
    "admin:accounts_spark_begin": ("worked", nothing),
    "admin:accounts_spark_ask": ("worked page", of("client.pk")),
    "admin:accounts_spark_edit": ("worked page", of("spark.pk")),
    "admin:accounts_spark_members": ("worked page", of("spark.pk")),
    "admin:accounts_spark_ad_accounts": ("worked page", of("spark.pk")),
    "admin:accounts_spark_account": ("worked page", of("spark.pk")),
    "admin:accounts_spark_qr": ("post only", of("spark.pk")),
    "admin:accounts_spark_read": ("post only", of("spark.pk")),
    "admin:accounts_spark_close": ("worked page", of("spark.pk")),
    "admin:accounts_spark_withdraw": ("worked page", of("spark.pk")),
    "admin:accounts_post_calendar": ("desk", nothing),
    "admin:accounts_post_feed": ("desk", nothing),
    "admin:accounts_post_feed_revoke": ("post only", nothing),
    "admin:accounts_post_choose": ("worked", nothing),
    "admin:accounts_post_enter": ("worked page", of("spark.pk")),
    "admin:accounts_post_make": ("worked leap", of("spark.pk")),
    "admin:accounts_post_bind": ("worked page", of("post.pk")),
    "admin:accounts_post_extend": ("worked leap", of("post.pk")),
    "admin:accounts_post_withdraw": ("worked page", of("post.pk")),
    "admin:accounts_post_read": ("post only", of("post.pk")),
    "admin:accounts_client_staff": ("worked page", of("client.pk")),
    "admin:accounts_rolegrant_staff": ("worked page", of("grant.pk")),
    "admin:accounts_client_merge": ("owner's page", of("client.pk")),
    "admin:accounts_invite": ("owned", of_ours),
    "admin:accounts_seat": ("owned", of_seat),
    "admin:accounts_finance": ("owned", of_seat),
    "admin:accounts_seat_remove": ("owned", of_seat),
    "admin:accounts_two_step": ("owned", of_seat),
    "admin:accounts_end_partner": ("owned", of_partner),
    "admin:accounts_whose": ("owned", of_stranger),
    "admin:accounts_user_reset": ("owned", of_reset),
    "admin:accounts_user_reset_do": ("owned", of_reset),
    "admin:accounts_user_reset_drop": ("post only", of_reset),
    "admin:accounts_capacity": ("owned", nothing),
    "admin:reference_roles": ("desk", nothing),
    "admin:reference_methods": ("desk", nothing),
    "admin:reference_platforms": ("desk", nothing),
    "admin:reference_limits": ("desk", nothing),
    "admin:reference_practices": ("desk", nothing),
    "admin:jobs": ("seers' page", nothing),
    "admin:jobs_again": ("post only", fixed("0" * 32)),
    "admin:onboarding_advice": ("worked page", of("client.pk")),
    "admin:onboarding_ask": ("worked page", of("client.pk")),
    "admin:onboarding_cancel": ("worked page", of("asked.pk")),
    "admin:onboarding_close": ("worked leap", of("grant.pk")),
    "admin:onboarding_edit": ("worked page", of("asked.pk")),
    "admin:onboarding_decide": ("closed page", of("for_admin.pk")),
    "admin:onboarding_hand_out": ("worked page", of("asked.pk")),
    "admin:onboarding_look": ("post only", of("asked.pk")),
    "admin:onboarding_mail": ("worked leap", of("asked.pk")),
    "admin:onboarding_remind": ("worked page", of("asked.pk")),
    "admin:onboarding_release": ("owner's leap", of("held.pk")),
    "admin:onboarding_sent": ("post only", of("asked.pk")),
    "admin:onboarding_spark_hand_out": ("worked page", of("spark.pk")),
    "admin:onboarding_spark_mail": ("worked leap", of("spark.pk")),
    "admin:onboarding_spark_revoke": ("worked leap", of("spark_link.pk")),
    "admin:onboarding_spark_revoke_all": ("worked leap", of("spark.pk")),
    "admin:onboarding_switch": ("worked page", of("asked.pk")),
    "admin:onboarding_revoke": ("worked leap", of("link.pk")),
    "admin:onboarding_revoke_all": ("worked leap", of("asked.pk")),
    "signin_set_password": ("over", nothing),
    "signin_welcome": ("over", fixed("a-made-up-link")),
    "account_login": ("stranger's page", nothing),
    "account_logout": ("own page", nothing),
    "account_inactive": ("anybody's page", nothing),
    "account_signup": ("stranger's page", nothing),
    "account_reauthenticate": ("proved again", nothing),
    "account_email": ("own page", nothing),
    "account_email_verification_sent": ("anybody's page", nothing),
    "account_change_password": ("own page", nothing),
    "account_set_password": ("proved again", nothing),
    "account_reset_password": ("anybody's page", nothing),
    "account_confirm_login_code": ("unfinished sign-in", nothing),
    "account_confirm_email": ("anybody's page", fixed("made-up")),
    "account_reset_password_from_key_done": ("anybody's page", nothing),
    "account_reset_password_from_key": ("anybody's page", fixed("1", "made-up")),
    "account_reset_password_done": ("anybody's page", nothing),
    "mfa_index": ("own page", nothing),
    "mfa_authenticate": ("unfinished sign-in", nothing),
    "mfa_reauthenticate": ("own page", nothing),
    "mfa_activate_totp": ("proved again", nothing),
    "mfa_deactivate_totp": ("proved again", nothing),
    "mfa_view_recovery_codes": ("without codes", nothing),
    "mfa_generate_recovery_codes": ("proved again", nothing),
    "mfa_download_recovery_codes": ("without codes", nothing),
    "mfa_list_webauthn": ("own page", nothing),
    "mfa_add_webauthn": ("proved again", nothing),
    "mfa_reauthenticate_webauthn": ("proved again", nothing),
    "mfa_remove_webauthn": ("proved again", fixed(0)),
    "mfa_edit_webauthn": ("proved again", fixed(0)),
    "mfa_login_webauthn": ("unfinished sign-in", nothing),
    "usersessions_list": ("own page", nothing),
    "agency_return": ("owners' leap", fixed("tiktok")),
    "agency_leave": ("post only, owners", fixed("tiktok")),
    "calendar_feed": ("nobody's calendar", fixed("a-made-up-address")),
    "link": ("link", of("token")),
    "link_start": ("public post only", of("token", "visit.item_id")),
    "link_invited": ("public post only", of("token", "visit.item_id")),
    "fresh_link": ("public post only", nothing),
    "visit": ("visit", of("visit.pk")),
    "visit_leave": ("visit", of("visit.pk")),
    "visit_again": ("public post only", of("visit.pk")),
    "visit_not_me": ("public post only", of("visit.pk")),
    "client_return": ("callback", fixed("tiktok")),
    "spark_link": ("anybody's page", of("token")),
    "spark_start": ("public post only", of("token")),
    "spark_visit": ("visit", of("spark_visit.pk")),
    "spark_leave": ("visit", of("spark_visit.pk")),
    "creator_return": ("callback", fixed("tiktok")),
}


def rows() -> dict[str, tuple[str, Arguments]]:
    """Return the whole table, the desks' stock addresses written out."""
    table = dict(ADDRESSES)
    for desk, (listing, adding, page, row) in DESKS.items():
        table[f"admin:{desk}_changelist"] = (listing, nothing)
        table[f"admin:{desk}_add"] = (adding, nothing)
        table[f"admin:{desk}_change"] = (page, row)
        table[f"admin:{desk}_delete"] = ("never", row)
        table[f"admin:{desk}_history"] = ("nowhere", row)
        table[f"admin/{desk.replace('_', '/')}/<path:object_id>/"] = (
            "to /change/",
            row,
        )
    return table


def routes() -> dict[str, str]:
    """Return {name, or the route of what has none: route} of the whole URLconf."""
    return {
        named if named and not named.endswith(":") else route: route
        for named, route in _walk(get_resolver())
    }


def _walk(
    resolver: URLResolver, route: str = "", namespace: str = ""
) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        longer = route + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLPattern):
            yield namespace + (entry.name or ""), longer
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, longer, inner)


def missing_rows() -> list[str]:
    """Return a sentence for every URL without a row."""
    known = rows()
    return [
        f"{named} ({route}) has no row: add it to ADDRESSES in tests/walks/addresses.py"
        " with its group and example arguments, or its desk to DESKS."
        for named, route in routes().items()
        if named not in known
    ]


def stale_rows() -> list[str]:
    known = routes()
    return [f"{named} is no URL any more" for named in rows() if named not in known]


def addresses(world: World) -> list[Address]:
    """Return every address of the URLconf that has a row."""
    table, found = rows(), []
    for named, route in routes().items():
        if named not in table:
            continue
        group, arguments = table[named]
        differs = arguments(world.a, world) != arguments(world.b, world)
        found.append(Address(named, group, arguments, differs, route))
    return found
