"""Send one call once, over `requests`, within fixed bounds."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from django.views.decorators.debug import sensitive_variables

from accounts.outbound.calls import OPEN, Answer, Call, reveal
from accounts.outbound.errors import OutboundError

CONNECT_SECONDS = 5
READ_SECONDS = 20
TOTAL_SECONDS = 30
LARGEST_BODY = 5 * 1024 * 1024
CHUNK = 64 * 1024
NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.SSLError,
)

# urllib3's DEBUG lines carry whole queries.
logging.getLogger("urllib3").setLevel(logging.INFO)


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for a connection, for the next bytes, and for a whole answer."""

    connect: float
    read: float
    total: float


def new_session() -> requests.Session:
    """Return a session that takes nothing from the environment and keeps no cookies.

    Without this `requests` would add a password from ~/.netrc and go through any
    proxy the environment names.
    """
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = "agency-portal"
    return session


@sensitive_variables()
def send(
    session: requests.Session, call: Call, patience: Patience | None = None
) -> Answer:
    """Send `call` and return the whole answer.

    Raises OutboundError for a redirect, an answer over 5 MB, and whatever the network
    does. A write goes over a fresh connection: one that was kept alive may be closed
    by the other side at any moment, and then nobody knows whether the write arrived.
    """
    patience = patience or Patience(CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS)
    if not call.is_read:
        session.close()
    try:
        with session.request(
            call.method,
            call.url,
            params=reveal(call.params),
            json=None if call.json is None else reveal(call.json),
            headers=reveal(call.headers),
            timeout=(patience.connect, patience.read),
            allow_redirects=False,
            stream=True,
        ) as response:
            return _answer(call, response, patience)
    except ValueError:
        failure = _unsendable(call)
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        failure = _translated(call, error)
    # Raised out here, so that it does not drag along an exception whose text holds
    # the address with its query.
    raise failure


def _answer(call: Call, response: requests.Response, patience: Patience) -> Answer:
    if 300 <= response.status_code < 400:
        raise OutboundError(
            f"{call.host} answered with a redirect, which the portal does not follow."
            " The operator checks the platform's base address in the settings.",
            permanent=True,
            kind="configuration",
            code=f"HTTP {response.status_code}",
            outcome_unknown=False,
        )
    body = b"".join(_bounded(call, response.raw, patience))
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(call, response.status_code, headers, body)


def _bounded(call: Call, raw: Any, patience: Patience) -> Iterator[bytes]:
    """Yield the body in pieces; stop at the size cap and at the total time."""
    ends_at = time.monotonic() + patience.total
    size = 0
    while piece := raw.read1(CHUNK, decode_content=True):
        size += len(piece)
        if size > LARGEST_BODY:
            raise OutboundError(
                f"{call.host} sent more than 5 MB for one answer. Nothing was stored;"
                " the operator looks at the log line of this call.",
                permanent=True,
                kind="malformed",
                outcome_unknown=not call.is_read,
            )
        if time.monotonic() > ends_at:
            raise urllib3.exceptions.ReadTimeoutError(raw, "", "total time is over")
        yield piece


def _unsendable(call: Call) -> OutboundError:
    return OutboundError(
        f"A call to {call.host} could not be put together: a value holds characters"
        " that cannot be sent. The login's owner connects again; if that changes"
        " nothing, the operator checks the platform's settings.",
        permanent=True,
        kind="configuration",
    )


def _translated(call: Call, error: Exception) -> OutboundError:
    arrived = not _never_sent(error)
    if _is_timeout(error):
        what = f"{call.host} did not answer in time."
    elif arrived:
        what = f"The connection to {call.host} broke before the answer was complete."
    else:
        what = f"{call.host} cannot be reached."
    unknown = arrived and not call.is_read
    return OutboundError(
        what + (OPEN if unknown else " Nothing was changed; the portal tries again."),
        permanent=False,
        kind="outage",
        outcome_unknown=unknown,
    )


def _never_sent(error: Exception) -> bool:
    """Tell whether the call surely did not leave: no connection was ever made."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NEVER_SENT)


def _is_timeout(error: Exception) -> bool:
    inner = error.args[0] if error.args else None
    kinds = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    return isinstance(error, kinds) or isinstance(inner, kinds)
