"""A provider of creators' keys that renews them, as fast or slow or faulty as told.

It speaks TikTok's wire (facts 3.2) on a loop of its own, so that thousands of calls
cost next to nothing, and remembers what no portal may do: two calls in flight for one
refresh token, or one for a token whose successor it has already shown.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

GRACE_SECONDS = 60.0
RATE, DEAD = 40100, 40107
YEAR = 31_536_000

# Takes the refresh token; returns an answer of its own, or None to go on as usual.
Fault = Callable[[str], "bytes | None"]


def no_fault(token: str) -> None:
    return None


@dataclass
class Family:
    """One creator's refresh tokens, the newest last."""

    tokens: list[str]
    retired_at: float = 0.0
    shown: int = 0  # the newest that was ever presented
    is_dead: bool = False

    @property
    def newest(self) -> str:
        return self.tokens[-1]


@dataclass
class Provider:
    rotation: str = "none"  # none, grace, strict
    latency: float = 0.0
    expires_in: int | None = 86_400
    rate: float = 0.0  # calls a second; 0: as many as come
    fault: Fault = no_fault
    url: str = ""
    in_flight: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    families: dict[str, Family] = field(default_factory=dict)
    _allowance: float = 0.0
    _counted_at: float = field(default_factory=time.monotonic)

    def add(self, name: str) -> str:
        """Make a creator's family; return its refresh token."""
        token = f"rft.{name}.0"
        self.families[token] = Family([token])
        return token

    @property
    def is_idle(self) -> bool:
        return not any(self.in_flight.values())

    async def answer(self, token: str) -> bytes:
        self.counts["calls"] += 1
        self.in_flight[token] += 1
        most = max(self.counts["most in flight"], sum(self.in_flight.values()))
        self.counts["most in flight"] = most
        self.counts["in parallel"] += self.in_flight[token] > 1
        try:
            await asyncio.sleep(self.latency / 2)
            fault = self.fault(token)
            body = self.renew(token) if fault is None else fault
            await asyncio.sleep(self.latency / 2)
        finally:
            self.in_flight[token] -= 1
        return body

    def renew(self, token: str) -> bytes:
        family = self.families[token]
        if self.is_over_its_rate():
            self.counts["limited"] += 1
            return envelope(RATE, "Too many requests: the QPS limit is reached.")
        place = family.tokens.index(token)
        self.counts["replaced"] += place < family.shown
        family.shown = max(place, family.shown)
        if token != family.newest:
            self.counts["reused"] += 1
            spent = time.monotonic() - family.retired_at
            family.is_dead |= self.rotation == "strict" or spent > GRACE_SECONDS
        if family.is_dead:
            return envelope(DEAD, "The refresh token is invalid.")
        if self.rotation != "none" and token == family.newest:
            family.retired_at = time.monotonic()
            family.tokens.append(f"{token.rpartition('.')[0]}.{len(family.tokens)}")
            self.families[family.newest] = family
        self.counts["renewed"] += 1
        return envelope(0, "OK", self._pair(family))

    def _pair(self, family: Family) -> dict[str, Any]:
        pair = {
            "access_token": f"act.{family.newest}.{self.counts['renewed']}",
            "refresh_token": family.newest,
            "refresh_token_expires_in": YEAR,
            "token_type": "Bearer",
            "scope": "user.info.basic,biz.spark.auth",
            "open_id": family.newest.split(".")[1],
        }
        told = {} if self.expires_in is None else {"expires_in": self.expires_in}
        return pair | told

    def is_over_its_rate(self) -> bool:
        """Count a call against the rate; a refused one costs nothing.

        Two seconds' worth may come at once: nobody knows how exactly TikTok counts.
        """
        if not self.rate:
            return False
        now = time.monotonic()
        grown = self._allowance + (now - self._counted_at) * self.rate
        self._allowance, self._counted_at = min(2 * self.rate, grown), now
        is_over = self._allowance < 1
        self._allowance -= not is_over
        return is_over


def says(status: int, body: bytes = b"") -> bytes:
    """Return an HTTP answer."""
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def envelope(code: int, message: str, data: Any = None) -> bytes:
    whole = {"code": code, "message": message, "request_id": "r", "data": data or {}}
    return says(200, json.dumps(whole).encode())


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """Let the provider answer on a port of this machine."""
    loop = asyncio.new_event_loop()

    async def handle(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r")[0])
            asked = json.loads(await reader.readexactly(length))
            writer.write(await provider.answer(asked["refresh_token"]))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked was killed
        finally:
            writer.close()

    server = loop.run_until_complete(asyncio.start_server(handle, "127.0.0.1", 0))
    port = server.sockets[0].getsockname()[1]
    provider.url = f"http://127.0.0.1:{port}/open_api/v1.3/"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
