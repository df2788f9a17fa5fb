"""What a secret is called in Infisical, and what its value looks like there."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass

from accounts.vault.errors import VaultError

FORMAT = 1
LONGEST_NAME = 100
LARGEST_VALUE = 64 * 1024


def name_of(reference: str) -> str:
    """Return the one name of a reference: letters, digits, `-` and `_`, at most 100.

    A slash becomes `__`, any other byte `_` and two hexadecimal digits, so no two
    references share a name; a longer one is `_-` and a SHA-256 of the reference.
    """
    name = re.sub(r"[^A-Za-z0-9-]", _escape, reference)
    if len(name) <= LONGEST_NAME:
        return name
    return "_-" + hashlib.sha256(reference.encode()).hexdigest()


def _escape(match: re.Match[str]) -> str:
    if match[0] == "/":
        return "__"
    return "".join(f"_{byte:02x}" for byte in match[0].encode())


@dataclass(frozen=True)
class Envelope:
    """A value as it rests in Infisical: our ciphertext, and which one it is.

    JSON, because Infisical trims white space at the ends; base64, because it expands
    `${…}` for whoever asks wrongly.
    """

    version: int
    key_id: str
    blob: bytes

    def write(self) -> str:
        """Return the text to store; raise VaultError when it is too large to."""
        text = json.dumps(
            {
                "v": FORMAT,
                "version": self.version,
                "key": self.key_id,
                "blob": base64.b64encode(self.blob).decode(),
            }
        )
        if len(text) > LARGEST_VALUE:
            raise VaultError(
                "A value is larger than 64 kB once encrypted: the vault takes no such,"
                " and nothing was stored. No platform's key is that long; the operator"
                " looks at the log line of the call that brought it."
            )
        return text

    @classmethod
    def read(cls, text: str) -> Envelope:
        """Return what write() made; raise VaultError for any other text."""
        try:
            held = json.loads(text)
            if held["v"] == FORMAT:
                blob = base64.b64decode(held["blob"], validate=True)
                return cls(int(held["version"]), str(held["key"]), blob)
        except (ValueError, TypeError, KeyError, binascii.Error, RecursionError):
            pass
        raise VaultError(
            "What rests in Infisical under a key's name was not written by this portal."
            " The operator restores the secret there from its last backup; failing"
            " that, the key's owner connects again."
        )
