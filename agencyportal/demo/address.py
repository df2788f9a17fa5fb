"""One address for the demo: consent leads back to it, and cookies stay with a name."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

GetResponse = Callable[[HttpRequest], HttpResponse]


class OneAddress:
    """Lead from http://localhost, say, to the address the portal knows itself by."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.get_host() == urlsplit(settings.SITE_URL).netloc:
            return self.get_response(request)
        return HttpResponseRedirect(settings.SITE_URL + request.get_full_path())
