"""A secret text that does not show itself."""

from __future__ import annotations

import hmac
from typing import Any, NoReturn, final

MASK = "Secret(…)"


@final
class Secret:
    """Hold a token, code or password; only `reveal()` gives it out.

    Printing, formatting and copying show or share nothing; pickling and JSON raise
    TypeError; two secrets are compared in constant time; a secret has no hash, so it
    cannot become a key of anything. The empty text is refused: it is never a secret,
    and `bool()` would tell it apart.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not isinstance(text, str) or not text:
            raise ValueError("A secret is a text of at least one character.")
        self._text = text

    def reveal(self) -> str:
        return self._text

    # Django's templates call what they find; this one they leave alone.
    reveal.alters_data = True  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self._text.encode("utf-8", "surrogatepass"),
            other._text.encode("utf-8", "surrogatepass"),
        )

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A secret is never pickled: pass its vault reference.")

    def __getstate__(self) -> NoReturn:
        raise TypeError("A secret is never pickled: pass its vault reference.")
