"""Which card a grant needs, told by its state, its last attempt, and the books."""

from __future__ import annotations

from accounts.fixes.catalogue import CARDS, Card
from accounts.models import Connection, GrantAttempt, Grantee, RoleGrant
from accounts.platforms.registry import platform

State = RoleGrant.State
WaitsOn = RoleGrant.WaitsOn

# What a state alone tells; a state not named here asks the last attempt.
BY_STATE = {
    State.DRIFTED: "wrong_role",
    State.LOST: "lost",
    State.FOUND: "found",
    State.DECLINED: "declined",
    State.MANUAL: "no_center",
}
# After these a call has been refused, or is made again later.
AFTER_A_CALL = (State.FAILED, State.REQUESTING, State.UNVERIFIED, State.WITHDRAWING)
BY_TROUBLE = {
    "already_linked": "already_linked",
    "not_owner": "only_shared",
    "dead_token": "dead_token",
    "wrong_login": "wrong_login",
    "rate": "rate_limit",
    "configuration": "app_refused",
    "unsupported": "app_refused",
}

# The others speak of what a client's center gives to ours.
OF_PEOPLE = {"wrong_role", "lost", "found", "rate_limit", "app_refused"}


def of(grant: RoleGrant) -> Card | None:
    """Return the card this grant needs first, None while nothing is in the way.

    Reads what the grant carries and its last attempt with that one's key; a list that
    asks this of many fetches `attempts__connection` along. The cards speak of ad
    accounts: a seat or a role on a creator's account has none.
    """
    if grant.family != RoleGrant.Family.AD_ACCOUNT:
        return None
    if grant.is_at_another_role and grant.state != State.WITHDRAWING:
        return CARDS["wrong_role"]
    if (grant.state, grant.waits_on) == (State.PENDING, WaitsOn.CENTER_ADMIN):
        return CARDS["receiver_accepts"]
    key = BY_STATE.get(State(grant.state)) or _after_a_call(grant) or _sandbox(grant)
    is_persons = grant.grantee.kind == Grantee.Kind.PERSON
    return CARDS[key] if key and (not is_persons or key in OF_PEOPLE) else None


def of_key(key: Connection) -> Card | None:
    """Return the card a key needs: a creator's, once nothing renews it any more."""
    is_creators = key.kind == Connection.Kind.CREATOR
    is_dead = key.state == Connection.State.NEEDS_REAUTHORIZATION
    return CARDS["creator_again"] if is_creators and is_dead else None


def _after_a_call(grant: RoleGrant) -> str:
    """Return the card for what the platform refused, "" if it refused nothing."""
    if grant.state not in AFTER_A_CALL:
        return ""
    last = next(iter(grant.attempts.all()), None)
    if last is None or last.outcome != GrantAttempt.Outcome.REFUSED:
        return ""
    spec = platform(grant.asset.platform)
    trouble = spec.trouble_of(last.native_code, last.answer)
    if trouble == "no_permission":
        missing = spec.missing_scopes(last.connection.scopes, "client")
        return "missing_scopes" if missing else "not_admin"
    return BY_TROUBLE.get(trouble, "")


def _sandbox(grant: RoleGrant) -> str:
    """It is told last, while the account may be worked with."""
    is_live = grant.state not in RoleGrant.ENDED
    return "sandbox" if grant.asset.is_sandbox and is_live else ""
