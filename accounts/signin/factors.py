"""What a second factor is here, and what proves that this session used one.

An authenticator app or a passkey counts as a second factor. Recovery codes stand in
for a lost one, so they prove a session but never count as being enrolled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

SECOND = frozenset({Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN})


@dataclass(frozen=True)
class Factors:
    """A person's authenticators, read in one query: key -> type."""

    types: dict[int, str]

    @classmethod
    def of(cls, user: Any) -> Factors:
        rows = Authenticator.objects.filter(user_id=user.pk)
        return cls(dict(rows.values_list("pk", "type")))

    @property
    def is_enrolled(self) -> bool:
        return not SECOND.isdisjoint(self.types.values())

    @property
    def takes_codes(self) -> bool:
        """True if a typed code can prove the session; else only a passkey can."""
        codes = {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}
        return not codes.isdisjoint(self.types.values())

    def has_proved(self, request: HttpRequest) -> bool:
        """True if this session used one of the authenticators the person has now.

        A session that proved itself with an authenticator since removed, a stolen
        phone say, has to prove itself again.
        """
        return any(
            proof.get("method") == "mfa" and proof.get("id") in self.types
            for proof in get_authentication_records(request, request.user)
        )
