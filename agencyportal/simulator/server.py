"""Two listening sockets, one world: the simulator as a server."""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import struct
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from agencyportal.simulator.context import Context
from agencyportal.simulator.journal import Journal
from agencyportal.simulator.pages import problem
from agencyportal.simulator.routes import route
from agencyportal.simulator.store import Store
from agencyportal.simulator.wire import Ending, Request, Response

MOST_BYTES = 1_000_000
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
logger = logging.getLogger("agencyportal.simulator")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    context: Context
    is_second_origin = False


class Handler(BaseHTTPRequestHandler):
    """Reads one request, routes it, writes one answer and one line of log."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60

    def _answer(self) -> None:
        started = time.perf_counter()
        address = urlsplit(self.path)
        try:
            response = self._refuse() or route(
                self.server.context, self._read(address.query)
            )
        except Exception:
            logger.exception("The simulator failed on %s", self._shown_path())
            response = problem("Fault", "See the simulator's log.", status=500)
        code = "" if response.code is None else f" ({response.code})"
        took = (time.perf_counter() - started) * 1000
        logger.info(
            "%s %s %s%s %.0fms",
            self.command,
            self._shown_path(),
            response.status,
            code,
            took,
        )
        try:
            self._write(response)
        finally:
            if response.on_sent:
                response.on_sent()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _answer

    def _refuse(self) -> Response | None:
        """Refuse a name that only looks like this machine, and an unread body."""
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        if name not in LOOPBACK_NAMES and not is_loopback(name):
            self.close_connection = True
            return problem("Wrong host", "Use 127.0.0.1 or localhost.", status=421)
        length = self.headers.get("Content-Length", "0")
        if (
            not re.fullmatch(r"[0-9]{1,10}", length)
            or "Transfer-Encoding" in self.headers
        ):
            self.close_connection = True
            return problem("Length needed", "Send a Content-Length.", status=411)
        if int(length) > MOST_BYTES:
            self.close_connection = True
            return problem("Too large", "Send less than a megabyte.", status=413)
        return None

    def _read(self, query: str) -> Request:
        values: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            values.setdefault(name, value)
        return Request(
            self.command,
            unquote(urlsplit(self.path).path),
            values,
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length", "0"))),
            self.server.is_second_origin,
        )

    def _write(self, response: Response) -> None:
        time.sleep(response.delay)
        if response.ending is Ending.NEVER_COMES:
            self._wait_for_the_caller_to_leave()
            return
        if response.ending is Ending.IS_RESET:
            self._reset()
            return
        self.close_connection |= response.ending is Ending.IS_CUT
        try:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if response.ending is Ending.IS_CUT:
                self.wfile.write(response.body[: len(response.body) // 2])
            elif self.command != "HEAD":
                self.wfile.write(response.body)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _wait_for_the_caller_to_leave(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.recv(1)

    def _reset(self) -> None:
        """Close so that the caller's machine is told of a reset, not of an end."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def _shown_path(self) -> str:
        """Return the path for the log: no query, nothing unprintable."""
        return urlsplit(self.path).path.encode("unicode_escape").decode()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the base class silent: its lines carry queries, thus secrets."""


class Simulator:
    """The running simulator; a context manager. Port 0 takes a free pair.

    Raise ValueError for a host that is not this machine, OSError for a taken port.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        state: Path | None = None,
        world: str = "demo",
        fresh: bool = False,
    ) -> None:
        if not is_loopback(host):
            raise ValueError(f"{host} is not a loopback address.")
        self.store = Store(state, world=world, fresh=fresh)
        self.journal = Journal()
        self._servers = _listen(host, port)
        shown = f"[{host}]" if ":" in host else host
        first, second = (server.server_address[1] for server in self._servers)
        self.base_url = f"http://{shown}:{first}"
        self.second_url = f"http://{shown}:{second}"
        self.context = Context(self.store, self.journal, self.base_url, self.second_url)
        for server in self._servers:
            server.context = self.context
        self._threads: list[threading.Thread] = []

    def start(self) -> Simulator:
        for server in self._servers:
            thread = threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
            )
            thread.start()
            self._threads.append(thread)
        return self

    def stop(self) -> None:
        for server in self._servers:
            if self._threads:
                server.shutdown()
            server.server_close()
        with self.store.lock:
            self.store.save()

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _listen(host: str, port: int) -> list[Server]:
    """Listen on a port and the one above it."""

    class Family(Server):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    for attempts_left in range(20, 0, -1):
        first = Family((host, port), Handler)
        try:
            second = Family((host, first.server_address[1] + 1), Handler)
        except (OSError, OverflowError):
            first.server_close()
            if port or attempts_left == 1:
                raise
            continue
        second.is_second_origin = True
        return [first, second]
    raise OSError("No two free ports beside each other.")
