"""What a vault must offer, and which one this portal uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from accounts.outbound.secret import Secret
from accounts.trail.actors import Actor
from accounts.vault.errors import VaultError


class Vault(Protocol):
    """References are path texts such as `connections/<uuid>/access-token`.

    Every method raises VaultError when it cannot do its work, and records an event.
    """

    def set(
        self, reference: str, secret: Secret, *, by: Actor, short_lived: bool = False
    ) -> None:
        """Store `secret`, replacing what the reference held.

        Calls nobody, so it may stand in a transaction. What is `short_lived` stays in
        rows here, wherever the others rest.
        """

    def get(self, reference: str, *, purpose: str, by: Actor) -> Secret:
        """Return the secret; `purpose` tells the trail what it is needed for.

        Calls Infisical for what rests there, so never inside a transaction then.
        The event is committed before the secret is handed out, unless the caller has
        a transaction open: then it stands or falls with that one.
        """

    def get_many(
        self, references: Sequence[str], *, purpose: str, by: Actor
    ) -> dict[str, Secret | VaultError]:
        """Return what each reference holds, or why it does not open; with one event."""

    def set_many(
        self, secrets: Mapping[str, Secret], *, by: Actor, short_lived: bool = False
    ) -> None:
        """Store all of them or none, as set() does; with one event."""

    def delete(self, reference: str, *, by: Actor) -> None:
        """Forget the secret; nothing to forget is no error."""


def vault() -> Vault:
    # Models load after the apps; this package is imported before them.
    from accounts.vault.register import Register

    return Register()
