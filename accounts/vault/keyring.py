"""The key ring: AES-256-GCM under keys that have ids.

settings.VAULT_KEYS maps ids to 32 bytes; the first encrypts, all decrypt. A blob is
version byte | 12-byte nonce | ciphertext and tag. Associated data binds a blob to
the place it belongs to: moved elsewhere it does not open.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from accounts.vault.errors import VaultError

VERSION = b"\x01"
NONCE_SIZE = 12
TEXT_MARK = "v1"


def first_key_id() -> str:
    return next(iter(settings.VAULT_KEYS))


def encrypt(key_id: str, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE_SIZE)
    return VERSION + nonce + _cipher(key_id).encrypt(nonce, plain, bound_to)


def decrypt(key_id: str, blob: bytes, bound_to: bytes) -> bytes:
    """Return the plain bytes; raise VaultError for anything but the exact blob."""
    nonce, sealed = blob[1 : 1 + NONCE_SIZE], blob[1 + NONCE_SIZE :]
    cipher = _cipher(key_id)
    if blob[:1] != VERSION or len(nonce) != NONCE_SIZE:
        raise VaultError(_damaged(key_id))
    try:
        return cipher.decrypt(nonce, sealed, bound_to)
    except InvalidTag:
        raise VaultError(_damaged(key_id)) from None


def seal(text: str, context: bytes) -> str:
    """Return `text` encrypted for a column that has no row of its own here.

    `context` must be given again to open it: `v1.<key id>.<base64>`.
    """
    key_id = first_key_id()
    blob = encrypt(key_id, text.encode(), _bound(key_id, context))
    return f"{TEXT_MARK}.{key_id}.{base64.urlsafe_b64encode(blob).decode()}"


def open_sealed(text: str, context: bytes) -> str:
    """Return what seal() was given; raise VaultError for any other text."""
    mark, _, rest = text.partition(".")
    key_id, _, encoded = rest.partition(".")
    if mark != TEXT_MARK:
        raise VaultError(_damaged(key_id or "?"))
    try:
        blob = base64.b64decode(encoded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise VaultError(_damaged(key_id)) from None
    return decrypt(key_id, blob, _bound(key_id, context)).decode()


def reseal(text: str, context: bytes) -> str:
    """Return `text` sealed under the first key; anything not sealed stays as it is."""
    if key_id_of(text) in ("", first_key_id()):
        return text
    return seal(open_sealed(text, context), context)


def key_id_of(text: str) -> str:
    """Return the id of the key that sealed `text`, or "" when it is not sealed."""
    mark, _, rest = text.partition(".")
    return rest.partition(".")[0] if mark == TEXT_MARK else ""


def _bound(key_id: str, context: bytes) -> bytes:
    return b"v1|sealed|" + key_id.encode() + b"|" + context


def _cipher(key_id: str) -> AESGCM:
    key = settings.VAULT_KEYS.get(key_id)
    if key is None:
        raise VaultError(
            f"A stored value needs the vault key {key_id[:16]!r}, which VAULT_KEYS"
            " does not hold. The operator puts that key back and restarts."
        )
    return AESGCM(key)


def _damaged(key_id: str) -> str:
    return (
        f"A stored value does not open under the vault key {key_id[:16]!r}: the key"
        " is another one than it was written with, or the value was changed or moved."
        " The operator checks VAULT_KEYS, then the last backup; failing both, its"
        " owner connects again."
    )
