"""What a colleague's calendar program fetches: an address is all it can show."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import post_days
from accounts.flows import feeds
from accounts.ics import calendar
from accounts.post_days import Span
from accounts.signin.public import public_page
from accounts.zones import house_day

NAME = "Spark codes"
NOBODYS = "There is no calendar at this address.\n"
KEPT = dt.timedelta(days=60)
AHEAD = dt.timedelta(days=800)


@public_page
@never_cache
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Return what ends, as its owner sees it today; 404 for every other address."""
    user = feeds.reader_of(token)
    if user is None:
        return HttpResponseNotFound(NOBODYS, content_type="text/plain; charset=utf-8")
    span = Span(house_day() - KEPT, house_day() + AHEAD)
    with timezone.override(user.zone):
        days = map(post_days.all_day, post_days.endings(user, span))
        body = calendar(NAME, days)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="spark-codes.ics"'
    return answer
