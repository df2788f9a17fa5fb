"""Universal Auth: a login for each process, tried by one process at a time.

Infisical facts, "Auth": the third wrong secret locks the login for everybody, so what
was refused once is not tried again until a person says so. A lockout is nobody's word
on our secret, and whoever knows the client id can cause one: it is waited out.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.outbound import Answer, Call, Door, OutboundError
from accounts.outbound.door import refuse_inside_transaction
from accounts.outbound.secret import Secret
from accounts.vault.infisical import wire
from accounts.vault.models import VaultLogin

LOGIN = "login"
PATH = "/api/v1/auth/universal-auth/login"
# A token is given up at this share of its life.
RENEW_AT = 0.8
LEASE = dt.timedelta(seconds=30)
LONGEST_WAIT_SECONDS = 20.0
SHORT_NAP_SECONDS = 0.1
# A lockout lasts five minutes; a login too early is answered by the lock again.
LOCKED_FOR = dt.timedelta(minutes=10)

WRONG = (
    "Infisical refuses the portal's client id or client secret, and the portal does not"
    " try again. The operator sets INFISICAL_CLIENT_ID and INFISICAL_CLIENT_SECRET"
    " anew, restarts the portal and runs manage.py check_vault."
)
LOCKED = (
    "Infisical has locked the portal's login after wrong client secrets, and the portal"
    " tries again after ten minutes. Sooner: an Infisical admin clears the lockout, and"
    " the operator runs manage.py check_vault."
)
BUSY = "Another process of the portal logs in to Infisical. Try again in a minute."


@dataclass(frozen=True)
class Held:
    """A token, as the header that carries it, and when to log in again."""

    bearer: Secret
    renew_at: float


_held: dict[str, Held] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Login:
    """One machine identity's client id and secret."""

    url: str
    client_id: str
    client_secret: Secret
    door: Door

    @property
    def fingerprint(self) -> str:
        """What other credentials do not share: changed ones are tried anew."""
        said = f"{self.url}|{self.client_id}|{self.client_secret.reveal()}"
        return salted_hmac("vault login", said, algorithm="sha256").hexdigest()

    def bearer(self) -> Secret:
        """Return the header of a token that works for now. Raises OutboundError."""
        refuse_inside_transaction()
        with _lock:
            held = _held.get(self.fingerprint)
            if held is None or time.monotonic() >= held.renew_at:
                held = _held[self.fingerprint] = self._log_in()
            return held.bearer

    def forget(self, bearer: Secret) -> None:
        """Give up a token that was refused, unless there is a newer one already."""
        with _lock:
            held = _held.get(self.fingerprint)
            if held is not None and held.bearer == bearer:
                del _held[self.fingerprint]

    def try_again(self) -> None:
        """Forget what was refused, as somebody asks who has looked into it."""
        VaultLogin.objects.filter(fingerprint=self.fingerprint).update(
            refusal="", refused_at=None
        )
        with _lock:
            _held.pop(self.fingerprint, None)

    def _log_in(self) -> Held:
        began = time.monotonic()
        body = {"clientId": self.client_id, "clientSecret": self.client_secret}
        with self._alone():
            try:
                told = self.door.call(
                    Call("POST", self.url + PATH, json=body), _judge_login
                )
            except OutboundError as error:
                if error.kind != wire.TOKEN:
                    raise
                raise self._refused(error) from None
        return Held(
            Secret(f"Bearer {told['accessToken']}"),
            began + RENEW_AT * float(told["expiresIn"]),
        )

    def _refused(self, error: OutboundError) -> OutboundError:
        """Write down that these credentials are refused, for every process."""
        sentence = LOCKED if "locked" in str(error) else WRONG
        VaultLogin.objects.filter(fingerprint=self.fingerprint).update(
            refusal=sentence, refused_at=timezone.now()
        )
        return _refusal(sentence, error.trace_id)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time try; raise for credentials already refused."""
        row, _ = VaultLogin.objects.get_or_create(fingerprint=self.fingerprint)
        ends_at = time.monotonic() + LONGEST_WAIT_SECONDS
        while not _claim(row.pk):
            row.refresh_from_db()
            if row.refusal:
                raise _refusal(row.refusal)
            if time.monotonic() > ends_at:
                raise OutboundError(BUSY, permanent=False, kind=wire.OUTAGE)
            time.sleep(SHORT_NAP_SECONDS)
        mine = VaultLogin.objects.filter(pk=row.pk)
        try:
            yield
            mine.update(refusal="", refused_at=None)
        finally:
            mine.update(lease_until=None)


def _claim(pk: int) -> bool:
    now = timezone.now()
    is_over = Q(refusal=LOCKED, refused_at__lte=now - LOCKED_FOR)
    free = VaultLogin.objects.filter(Q(refusal="") | is_over, pk=pk)
    free = free.exclude(lease_until__gte=now)
    return bool(free.update(lease_until=now + LEASE))


def _refusal(sentence: str, trace_id: str = "") -> OutboundError:
    lasts = sentence != LOCKED
    return OutboundError(sentence, permanent=lasts, kind=LOGIN, trace_id=trace_id)


def _judge_login(answer: Answer) -> Mapping[str, Any]:
    told = wire.judge(answer)
    token, life = told.get("accessToken"), told.get("expiresIn")
    if not (isinstance(token, str) and token and isinstance(life, int | float)):
        raise answer.malformed("there is no token in it")
    return told
