"""What goes out of the door and what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from accounts.outbound.errors import OutboundError, Pause
from accounts.outbound.redact import MASK
from accounts.outbound.secret import Secret

# What a write's lost answer leaves.
OPEN = " Whether it did what was asked is open: the portal reads before it decides."


@dataclass(frozen=True)
class Call:
    """One HTTP call. Secrets may stand anywhere among its values.

    `params` go into the query, `json` into the body. `is_read`: the call changes
    nothing, so it may be repeated. `trace` says in the log line whom it is for.
    """

    method: str
    url: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    is_read: bool = False
    trace: str = ""

    @property
    def place(self) -> str:
        """Host and path, without the query: what a log line may show."""
        parts = urlsplit(self.url)
        return f"{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "?"

    def hide(self, text: str) -> str:
        """Return `text` without the secrets that went out, should it repeat them."""
        sent = (self.params, self.json, self.headers)
        for secret in _secrets_in(sent):
            for form in (secret.reveal(), quote(secret.reveal(), safe="")):
                text = text.replace(form, MASK)
        return text


@dataclass
class Answer:
    """One HTTP answer, read to its end.

    The judge writes the platform's own `code` and `trace_id` here for the log line.
    """

    call: Call
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    code: str = ""
    trace_id: str = ""

    def require_ok(self) -> None:
        """Raise OutboundError for an HTTP status other than 200."""
        if self.status == 200:
            return
        fault = self.status >= 500
        slow = self.status in (408, 429)
        if fault:
            and_now = self._and_now(
                " The fault is on its side; the portal tries again."
            )
        elif slow:
            and_now = " The portal tries again."
        else:
            and_now = " The operator checks the platform's base address."
        raise OutboundError(
            f"{self.call.host} answered with HTTP {self.status}.{and_now}",
            permanent=not (fault or slow),
            kind="outage" if fault else "rate" if slow else "configuration",
            code=f"HTTP {self.status}",
            trace_id=self.trace_id,
            outcome_unknown=fault and not self.call.is_read,
            pause=Pause.MINUTE if self.status == 429 else None,
        )

    def read_json(self) -> Any:
        """Return the body as JSON; raise OutboundError when it is anything else."""
        try:
            return json.loads(self.body.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError):
            pass
        raise self.malformed("the answer is not JSON")

    def malformed(self, what: str) -> OutboundError:
        """Return the error for an answer that cannot be understood as a whole."""
        return OutboundError(
            f"{self.call.host} gave an answer the portal cannot read ({what})."
            + self._and_now(" Nothing was stored; the portal tries again."),
            permanent=False,
            kind="malformed",
            code=self.code,
            trace_id=self.trace_id,
            outcome_unknown=not self.call.is_read,
        )

    def _and_now(self, after_a_read: str) -> str:
        return after_a_read if self.call.is_read else OPEN


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def reveal(value: Any) -> Any:
    """Return `value` with the secrets inside it in clear: only for sending."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [reveal(item) for item in value]
    return value


def _secrets_in(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        yield from _secrets_in(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets_in(item)
