"""The month of what ends, and a colleague's own calendar address."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from accounts import post_days
from accounts.admin.pages import colleague, draw
from accounts.flows import feeds
from accounts.post_days import Ending, Span
from accounts.zones import house_day

DESK = "admin:accounts_postauthorization_changelist"
PAGE = "admin:accounts_post_calendar"
FEED = "admin:accounts_post_feed"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# As many as fit a day of the grid; a day's own page has all.
MOST_A_DAY = 4
YEARS = range(2000, 2100)


def show(request: HttpRequest) -> HttpResponse:
    """Draw one month, or one day of it."""
    _refuse_others(request)
    first, day = _asked(request)
    last = day or _next(first) - dt.timedelta(days=1)
    found = post_days.endings(colleague(request), Span(day or first, last))
    context = {
        "title": date_format(day or first, "j F Y" if day else "F Y"),
        "crumbs": _crumbs(),
        "acts": _acts(first, day),
        "endings": found,
        "n_red": sum(one.is_red for one in found),
    }
    if day is None:
        context |= {"weekdays": WEEKDAYS, "weeks": _weeks(first, found)}
        context |= {"month": first, **({} if found else _next_month(request, last))}
    return draw(request, "admin/accounts/postauthorization/calendar.html", context)


def feed(request: HttpRequest) -> HttpResponse:
    """Show whether there is an address; on POST make one, and show it this once."""
    _refuse_others(request)
    user, url = colleague(request), ""
    if request.method == "POST":
        token = feeds.make(user)
        url = urljoin(settings.SITE_URL, reverse("calendar_feed", args=[token]))
    return draw(
        request,
        "admin/accounts/postauthorization/feed.html",
        {
            "title": "Your calendar address",
            "crumbs": [*_crumbs(), {"label": "Calendar", "url": reverse(PAGE)}],
            "feed": feeds.live(user),
            "url": url,
        },
    )


@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    _refuse_others(request)
    if feeds.revoke(colleague(request)):
        messages.info(request, "Revoked. The address leads nowhere now.")
    return redirect(FEED)


def _asked(request: HttpRequest) -> tuple[dt.date, dt.date | None]:
    """Return the month's first day, and the day if one is asked for.

    What is no month is this one.
    """
    day = _date(request.GET.get("day", ""))
    month = _date(f"{request.GET.get('month', '')}-01")
    return (day or month or house_day()).replace(day=1), day


def _date(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _next_month(request: HttpRequest, last: dt.date) -> dict[str, Any]:
    """Return the next day on which something ends after this one, and its month."""
    day = post_days.next_day(colleague(request), last)
    return {"next_day": day, "next_url": _of_month(day)} if day else {}


def _next(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=31)).replace(day=1)


def _acts(first: dt.date, day: dt.date | None) -> list[dict[str, Any]]:
    if day is not None:
        return [{"label": "The whole month", "url": _of_month(first)}]
    before = (first - dt.timedelta(days=1)).replace(day=1)
    return [
        {"label": date_format(before, "F"), "url": _of_month(before)},
        {"label": date_format(_next(first), "F"), "url": _of_month(_next(first))},
        {"label": "Calendar address", "url": reverse(FEED)},
    ]


def _of_month(first: dt.date) -> str:
    return f"{reverse(PAGE)}?month={first:%Y-%m}"


def _weeks(first: dt.date, found: list[Ending]) -> list[list[dict[str, Any]]]:
    """Return the grid's rows; days of other months are there without what ends."""
    by_day: defaultdict[dt.date, list[Ending]] = defaultdict(list)
    for one in found:
        by_day[one.day].append(one)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    today = house_day()
    return [
        [
            {
                "day": day,
                "is_other": day.month != first.month,
                "is_today": day == today,
                "is_red": any(one.is_red for one in by_day[day]),
                "endings": by_day[day][:MOST_A_DAY],
                "n_more": max(0, len(by_day[day]) - MOST_A_DAY),
                "url": f"{reverse(PAGE)}?day={day}",
            }
            for day in week
        ]
        for week in weeks
    ]


def _refuse_others(request: HttpRequest) -> None:
    if not request.user.has_perm(feeds.MAY):
        raise PermissionDenied


def _crumbs() -> list[dict[str, str]]:
    return [{"label": "Spark codes", "url": reverse(DESK)}]
