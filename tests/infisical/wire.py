"""What comes in, what goes out, and how Infisical words its errors."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    size: int
    bearer: str

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked, wherever this verb says it: DELETE takes only the body."""
        return self.query if self.method == "GET" else self.body


@dataclass(frozen=True)
class Response:
    status: int
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> bytes:
        return json.dumps(self.body).encode()


class Refused(Exception):
    """An error, worded as the real server words it."""

    def __init__(self, status: int, error: str, message: Any) -> None:
        super().__init__(message)
        self.response = Response(
            status,
            {
                "reqId": f"req-{next(_numbers)}",
                "statusCode": status,
                "message": message,
                "error": error,
            },
        )


def no_route(request: Request) -> Refused:
    message = f"Route {request.method}:{request.path} not found"
    return Refused(404, "Not Found", message)


def something_went_wrong(error: str = "InternalServerError") -> Refused:
    return Refused(500, error, "Something went wrong")
