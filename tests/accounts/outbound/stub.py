"""A small HTTP server that answers what a test tells it to, and remembers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Seen:
    """One request as the server got it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reaction = Callable[["Handler", Seen], None]


@dataclass
class Stub:
    """Answers requests in order from `reactions`; the last one repeats."""

    url: str = ""
    reactions: list[Reaction] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def will(self, *reactions: Reaction) -> Stub:
        self.reactions = list(reactions)
        return self

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def react(self, handler: Handler, seen: Seen) -> None:
        self.seen.append(seen)
        turn = min(len(self.seen), len(self.reactions)) - 1
        self.reactions[turn](handler, seen)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    stub: Stub

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, parts.path, parse_qs(parts.query), headers, body)
        self.stub.react(self, seen)

    do_GET = do_POST = _handle

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


def says(body: Any, *, status: int = 200, **headers: str) -> Reaction:
    """Answer with `body`: bytes as they are, anything else as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda handler, seen: handler.answer(status, raw, **headers)


def hangs_up(handler: Handler, seen: Seen) -> None:
    """Close the connection without an answer."""
    handler.close_connection = True


def breaks_off(handler: Handler, seen: Seen) -> None:
    """Promise more bytes than come."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"code": 0')
    handler.close_connection = True


def breaks_off_a_chunk(handler: Handler, seen: Seen) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b'40\r\n{"code": 0')
    handler.close_connection = True


@contextmanager
def run_stub() -> Iterator[Stub]:
    stub = Stub()
    handler = type("OneHandler", (Handler,), {"stub": stub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    stub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
