"""Which door answers which address, on either origin."""

from __future__ import annotations

import re
from collections.abc import Callable

from agencyportal.simulator import (
    api,
    centerpages,
    consent,
    control,
    creatorconsent,
    creatorpages,
    qrpages,
    requestpages,
)
from agencyportal.simulator.context import Context
from agencyportal.simulator.pages import problem
from agencyportal.simulator.wire import Request, Response

CENTER_PATH = re.compile(r"/bc/([0-9]{1,20})/")
REQUESTS_PATH = re.compile(r"/bc/([0-9]{1,20})/requests/")
ACCOUNT_PATH = re.compile(r"/account/([0-9]{1,20})/")
CREATOR_PATH = re.compile(r"/creator/([a-z0-9-]{1,64})/")
QR_PATH = re.compile(r"/qr/([A-Za-z0-9_-]{1,64})/")
Page = Callable[[Context, Request], Response]
REQUESTS = {
    REQUESTS_PATH: (requestpages.of_center, requestpages.carry_out),
    ACCOUNT_PATH: (requestpages.of_account, requestpages.decide),
    CREATOR_PATH: (creatorpages.show, creatorpages.decide),
    QR_PATH: (qrpages.show, qrpages.decide),
}
PAGES: dict[tuple[str, str], Page] = {
    ("GET", "/"): centerpages.home,
    ("GET", "/portal/auth"): consent.show,
    ("POST", "/portal/auth"): consent.decide,
    ("GET", "/portal/finish"): consent.finish,
    ("GET", "/v2/auth/authorize"): creatorconsent.show,
    ("POST", "/v2/auth/authorize"): creatorconsent.decide,
}
SECOND_PAGES: dict[tuple[str, str], Page] = {
    ("GET", "/passport/return"): consent.hop,
}


def route(context: Context, request: Request) -> Response:
    """Answer one request; the second origin knows the sign-in hop alone."""
    pages = SECOND_PAGES if request.is_second_origin else PAGES
    found = pages.get((request.method, request.path))
    if found is not None:
        return found(context, request)
    if not request.is_second_origin:
        if request.path.startswith(api.PREFIX):
            return api.handle(context, request)
        if request.path.startswith("/_control/"):
            return control.handle(context, request)
        center = CENTER_PATH.fullmatch(request.path)
        if center and request.method == "GET":
            return centerpages.show(context, request, center[1])
        if center and request.method == "POST":
            return centerpages.decide(context, request, center[1])
        for pattern, (show, decide) in REQUESTS.items():
            asked = pattern.fullmatch(request.path)
            if asked and request.method == "GET":
                return show(context, request, asked[1])
            if asked and request.method == "POST":
                return decide(context, request, asked[1])
    if any(path == request.path for _, path in pages):
        return problem("Wrong method", "Use the buttons on the page.", status=405)
    return problem("No such page", "Start at the front page.", status=404)
