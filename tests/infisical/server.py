"""The stand-in as a server: real HTTP, its state and its levers in Python's hands."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.infisical.identities import Identities, Identity
from tests.infisical.shelf import (
    HIDDEN,
    Folder,
    Secret,
    Shelf,
    as_kept,
    expanded,
    require_small,
)
from tests.infisical.wire import Refused, Request, Response, no_route

LOGIN, FOLDERS = "/api/v1/auth/universal-auth/login", "/api/v2/folders"
SECRET = re.compile(r"/api/v4/secrets/([^/]{1,100})")
WRITE_ERRORS = {
    "POST": ("CreateSecret", "Secret not found"),
    "PATCH": ("UpdateSecret", "Secret with name {name} not found"),
    "DELETE": ("DeleteSecret", "Secret not found"),
}
Usual = Callable[[Request], Response]
Disturbance = Callable[[Request, Usual], Response]


def undisturbed(request: Request, usual: Usual) -> Response:
    return usual(request)


@dataclass
class Fake:
    """`disturb` stands before every answer: given the request and the usual way."""

    url: str = ""
    ahead_seconds: float = 0.0
    wants_approval: bool = False
    seen: list[Request] = field(default_factory=list)
    disturb: Callable[[Request, Usual], Response] = lambda request, usual: usual(
        request
    )

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.shelf = Shelf(project_id=secrets.token_hex(16))
        self.identities = Identities(now=self.now)
        self.me = self.identities.add("portal", secrets.token_urlsafe(24))

    def now(self) -> float:
        return time.time() + self.ahead_seconds

    def settings(self) -> dict[str, str]:
        """Return what settings.INFISICAL must be to speak to this server."""
        return {
            "url": self.url,
            "project": self.shelf.project_id,
            "environment": "prod",
            "tenant": "portal",
            "client_id": self.me.client_id,
            "client_secret": self.me.client_secret,
        }

    def held(self) -> dict[str, str]:
        """Return name -> newest value of what the portal's folder gives out."""
        folder = self.shelf.environments["prod"].get("/connections/portal", Folder())
        return {
            name: secret.versions[-1]
            for name, secret in folder.secrets.items()
            if not secret.is_deleted
        }

    def calls(self, method: str) -> int:
        """Return how many calls on secrets came in by this verb."""
        return sum(
            one.method == method and bool(SECRET.fullmatch(one.path))
            for one in self.seen
        )

    def answer(self, request: Request) -> Response:
        self.seen.append(request)
        try:
            return self.disturb(request, self._route)
        except Refused as refused:
            return refused.response

    def _route(self, request: Request) -> Response:
        with self.lock:
            try:
                return Response(200, self._answer(request))
            except Refused as refused:
                return refused.response

    def _answer(self, request: Request) -> dict[str, Any]:
        if (request.method, request.path) == ("GET", "/api/status"):
            return {"message": "Ok", "maxIdentityAccessTokenTTL": 7776000}
        if (request.method, request.path) == ("POST", LOGIN):
            said = request.body
            return self.identities.log_in(said["clientId"], said["clientSecret"])
        named = SECRET.fullmatch(request.path)
        if not named and (request.method, request.path) != ("POST", FOLDERS):
            raise no_route(request)
        identity = self._let_in(request)
        if not named:
            said = request.body
            self.shelf.make_folder(said["environment"], said["path"], said["name"])
            return {"folder": {"name": said["name"]}}
        return self._secret(request, unquote(named[1]), identity)

    def _let_in(self, request: Request) -> Identity:
        identity = self.identities.of(request.bearer)
        project = request.asked.get("projectId")
        if project is None:
            raise Refused(422, "ValidationFailure", [{"path": ["projectId"]}])
        if project != self.shelf.project_id:
            raise Refused(404, "NotFound", f"Project with ID '{project}' not found")
        if not identity.is_member:
            message = "You are not a member of this project"
            raise Refused(403, "ProjectMembershipNotFound", message)
        if request.method != "GET" and not identity.may_write:
            message = "You are not allowed to edit on secrets"
            raise Refused(403, "PermissionDenied", message)
        return identity

    def _secret(self, request: Request, name: str, who: Identity) -> dict[str, Any]:
        if ":" in name:
            raise Refused(422, "ValidationFailure", [{"message": "No : in names"}])
        asked = request.asked
        error, missing = WRITE_ERRORS.get(
            request.method, ("GetSecretByName", "Secret with name '{name}' not found")
        )
        folder = self.shelf.folder(asked["environment"], asked["secretPath"], error)
        if request.method == "GET":
            return self._read(folder, folder.find(name, missing), asked, who)
        require_small(request.size)
        if self.wants_approval:
            return {"approval": {"id": secrets.token_hex(8)}}
        if request.method == "POST":
            return self._create(folder, name, asked)
        secret = folder.find(name, missing)
        if request.method == "DELETE":
            secret.is_deleted = True
        else:
            secret.versions.append(as_kept(asked["secretValue"]))
        return {"secret": told(secret)}

    def _create(self, folder: Folder, name: str, asked: Any) -> dict[str, Any]:
        if name in folder.secrets and not folder.secrets[name].is_deleted:
            raise Refused(400, "BadRequest", "Secret already exists")
        secret = folder.secrets[name] = Secret([as_kept(asked["secretValue"])])
        return {"secret": told(secret)}

    def _read(
        self, folder: Folder, secret: Secret, asked: Any, who: Identity
    ) -> dict[str, Any]:
        if asked.get("viewSecretValue") == "false":
            return {"secret": {**told(secret), **hidden()}}
        if not who.may_read_values:
            message = "You do not have permission to view secret value"
            raise Refused(403, "ForbiddenReadSecretError", message)
        value = secret.versions[-1]
        if asked.get("expandSecretReferences") != "false":
            value = expanded(value, folder)
        return {"secret": {**told(secret), "secretValue": value}}


def told(secret: Secret) -> dict[str, Any]:
    return {
        "version": len(secret.versions),
        "secretValue": secret.versions[-1],
        "secretValueHidden": False,
    }


def hidden() -> dict[str, Any]:
    return {"secretValue": HIDDEN, "secretValueHidden": True}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: Fake

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        response = self.fake.answer(
            Request(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                json.loads(raw or b"{}"),
                len(raw),
                bearer,
            )
        )
        self.send_response_only(response.status)
        self.send_header("Date", formatdate(self.fake.now(), usegmt=True))
        self.send_header("Content-Length", str(len(response.bytes)))
        self.end_headers()
        self.wfile.write(response.bytes)

    do_GET = do_POST = do_PATCH = do_DELETE = _handle

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@contextmanager
def running_fake() -> Iterator[Fake]:
    fake = Fake()
    handler = type("OneHandler", (Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
