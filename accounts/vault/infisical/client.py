"""The calls the portal makes to Infisical, each with its rules.

Infisical facts, "Secrets" and "Recommended layout": one project and environment, the
folder `/connections/<tenant>`, one secret for each reference.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from django.conf import settings

from accounts.outbound import Answer, Call, Door, OutboundError, Patience, address
from accounts.outbound.secret import Secret
from accounts.vault.infisical import wire
from accounts.vault.infisical.login import Login

PATIENCE = Patience(connect=3, read=10, total=15)
TRIES = 3
MISSING = (wire.NO_SECRET, wire.NO_FOLDER)
FOLDER = "/connections"
SECRETS, FOLDERS = "/api/v4/secrets", "/api/v2/folders"
STATUS = "/api/status"
# Without these Infisical expands `${…}` inside values and looks into other folders.
AS_WRITTEN = {"expandSecretReferences": "false", "includeImports": "false"}

NO_ENVIRONMENT = (
    "Infisical has no environment “{environment}” in this project, or no folder"
    " {folder} the portal may use. The operator checks INFISICAL_ENVIRONMENT; an"
    " Infisical admin makes the folder."
)
NOT_SET_UP = (
    "This value rests in Infisical, which the settings do not name. The operator sets"
    " INFISICAL_URL and what belongs to it again, and restarts the portal."
)
NOT_TAKEN = (
    "Infisical lets the portal log in and then refuses the token it gave. An Infisical"
    " admin checks the identity's token lifetime and the server's clock."
)
TOO_LATE = "Infisical was too slow to finish this in time. The portal tries again."

Value = TypeVar("Value")


@dataclass(frozen=True)
class Infisical:
    """One folder of one project. Every method raises OutboundError."""

    url: str
    project: str
    environment: str
    tenant: str
    login: Login
    door: Door

    @property
    def folder(self) -> str:
        return f"{FOLDER}/{self.tenant}"

    def read(self, name: str, *, is_known: bool = False) -> str | None:
        """Return the newest value as it was written, or None for none.

        `is_known`: something was put there before, so a missing folder is a fault of
        the settings, and says nothing about this one value.
        """
        try:
            return self._call(
                "GET",
                f"{SECRETS}/{name}",
                wire.judge_value,
                params={**self._place(), "viewSecretValue": "true", **AS_WRITTEN},
                is_read=True,
            )
        except OutboundError as error:
            if error.kind == wire.NO_FOLDER and is_known:
                raise self._no_environment() from None
            if error.kind in MISSING:
                return None
            raise

    def write(self, name: str, value: str, *, until: float) -> None:
        """Store `value`, replacing what the name held; proves nothing: read it back.

        Nothing is sent once `until` (of the monotonic clock) is over: then somebody
        else may be writing something newer, and Infisical keeps whatever comes last.
        """
        for attempt in range(1, TRIES + 1):
            try:
                return self._put(name, value, until)
            except OutboundError as error:
                # A lost race of two who make the same secret is a 500 as well.
                if error.kind != wire.FAULT or attempt == TRIES:
                    raise

    def remove(self, name: str, *, until: float) -> None:
        """Delete a secret; none, or no folder for it, is as good."""
        try:
            self._send("DELETE", name, until)
        except OutboundError as error:
            if error.kind not in MISSING:
                raise

    def status(self) -> dt.datetime | None:
        """Return the server's own time, as far as it tells; needs no login."""
        call = Call("GET", self.url + STATUS, is_read=True)
        return self.door.call(call, _judge_status)

    def _put(self, name: str, value: str, until: float) -> None:
        try:
            self._send("PATCH", name, until, secretValue=value)
        except OutboundError as error:
            if error.kind not in MISSING:
                raise
            if error.kind == wire.NO_FOLDER:
                self._make_folder(until)
            self._create(name, value, until)

    def _create(self, name: str, value: str, until: float) -> None:
        try:
            self._send("POST", name, until, secretValue=value)
        except OutboundError as error:
            if error.kind == wire.NO_FOLDER:
                raise self._no_environment() from None
            if error.kind != wire.EXISTS:
                raise
            self._send("PATCH", name, until, secretValue=value)

    def _make_folder(self, until: float) -> None:
        body = {
            "projectId": self.project,
            "environment": self.environment,
            "name": self.tenant,
            "path": FOLDER,
        }
        try:
            self._call("POST", FOLDERS, wire.judge, json=body, until=until)
        except OutboundError as error:
            if error.kind == wire.EXISTS:
                return
            if error.kind not in (*MISSING, wire.NOT_THERE):
                raise
            raise self._no_environment() from None

    def _no_environment(self) -> OutboundError:
        told = {"environment": self.environment, "folder": self.folder}
        return OutboundError(
            NO_ENVIRONMENT.format(**told), permanent=True, kind=wire.CONFIGURATION
        )

    def _send(self, method: str, name: str, until: float, **more: str) -> None:
        body = {**self._place(), **more}
        path = f"{SECRETS}/{name}"
        self._call(method, path, wire.judge_stored, json=body, until=until)

    def _place(self) -> dict[str, str]:
        return {
            "projectId": self.project,
            "environment": self.environment,
            "secretPath": self.folder,
        }

    def _call(
        self,
        method: str,
        path: str,
        judge: Callable[[Answer], Value],
        *,
        until: float | None = None,
        **asked: Any,
    ) -> Value:
        """Make one call; log in once more when its token is refused."""
        for _ in range(2):
            bearer = self.login.bearer()
            if until is not None and time.monotonic() > until:
                raise OutboundError(TOO_LATE, permanent=False, kind=wire.OUTAGE)
            headers = {"Authorization": bearer}
            try:
                return self.door.call(
                    Call(method, self.url + path, headers=headers, **asked), judge
                )
            except OutboundError as error:
                if error.kind != wire.TOKEN:
                    raise
                self.login.forget(bearer)
        raise OutboundError(NOT_TAKEN, permanent=True, kind=wire.CONFIGURATION)


def _judge_status(answer: Answer) -> dt.datetime | None:
    wire.judge(answer)
    try:
        return parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None


def open_infisical() -> Infisical:
    """Return a client of its own connections, as the settings say."""
    told = settings.INFISICAL
    if not told:
        raise OutboundError(NOT_SET_UP, permanent=True, kind=wire.CONFIGURATION)
    door = Door({address(told["url"])}, patience=PATIENCE)
    return Infisical(
        url=told["url"],
        project=told["project"],
        environment=told["environment"],
        tenant=told["tenant"],
        login=Login(
            told["url"], told["client_id"], Secret(told["client_secret"]), door
        ),
        door=door,
    )
