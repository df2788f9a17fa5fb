"""Machine identities: logins, lockouts, and tokens that end."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.infisical.wire import Refused

WRONG_TRIES, LOCKED_SECONDS = 3, 300.0


@dataclass
class Identity:
    """Who may log in, and what for."""

    client_id: str
    client_secret: str
    lives_seconds: float = 3600.0
    is_member: bool = True
    may_write: bool = True
    may_read_values: bool = True
    is_revoked: bool = False
    wrong_tries: int = 0
    locked_until: float = 0.0


@dataclass
class Identities:
    now: Callable[[], float]
    known: dict[str, Identity] = field(default_factory=dict)
    tokens: dict[str, tuple[Identity, float]] = field(default_factory=dict)
    logins: int = 0

    def add(self, client_id: str, client_secret: str) -> Identity:
        identity = self.known[client_id] = Identity(client_id, client_secret)
        return identity

    def log_in(self, client_id: str, client_secret: str) -> dict[str, object]:
        self.logins += 1
        identity = self.known.get(client_id)
        if identity is None:
            raise Refused(401, "UnauthorizedError", "Invalid credentials")
        if identity.locked_until > self.now():
            message = "This identity auth method is temporarily locked"
            raise Refused(401, "UnauthorizedError", message)
        if identity.is_revoked or identity.client_secret != client_secret:
            identity.wrong_tries += 1
            if identity.wrong_tries >= WRONG_TRIES:
                identity.locked_until = self.now() + LOCKED_SECONDS
            raise Refused(401, "UnauthorizedError", "Invalid credentials")
        identity.wrong_tries = 0
        token = f"jwt.{secrets.token_urlsafe(24)}"
        self.tokens[token] = (identity, self.now() + identity.lives_seconds)
        return {
            "accessToken": token,
            "expiresIn": identity.lives_seconds,
            "accessTokenMaxTTL": 86400,
            "tokenType": "Bearer",
        }

    def of(self, bearer: str) -> Identity:
        """Return whose token this is."""
        if bearer not in self.tokens:
            raise Refused(401, "UnauthorizedError", "Token missing")
        identity, until = self.tokens[bearer]
        if identity.is_revoked:
            message = "Access denied: client secret has been revoked"
            raise Refused(401, "UnauthorizedError", message)
        if until <= self.now():
            raise Refused(403, "TokenError", "Your token has expired.")
        return identity
