"""What every answer has: a request id, the reader's clock, and no shared cache."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from accounts.trail.context import request_scope

GetResponse = Callable[[HttpRequest], HttpResponse]


class ReadersClock:
    """Tell every moment by the clock of the colleague who reads.

    Pages for clients set theirs while they are drawn; it ends with the answer.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reader = request.user
        with timezone.override(reader.zone if reader.is_authenticated else None):
            return self.get_response(request)


class RequestId:
    """Give the request an id that its events and its answer share."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with request_scope() as request_id:
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response


class PrivateByDefault:
    """Keep pages out of shared caches, search engines and other people's frames."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            if not response.has_header("Cache-Control"):
                add_never_cache_headers(response)
            response.setdefault("X-Robots-Tag", "noindex, nofollow")
            response.setdefault(
                "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
            )
        return response
