"""Reference pages: what the sources say of roles, ways in, platforms and limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from accounts.admin.pages import draw
from accounts.admin.practices import PRACTICES, unguarded
from accounts.models import PlatformLimit
from accounts.platforms.reference import PLATFORMS, Row, Table
from accounts.platforms.registry import platform
from accounts.platforms.tiktok import reference as tiktok


@dataclass(frozen=True)
class Page:
    """One page; `missing` says what has yet to be set for it to be true of us.

    What is kept up to date here has a `desk`.
    """

    key: str
    title: str
    sentence: str
    tables: Callable[[], tuple[Table, ...]]
    missing: Callable[[], str] = str
    desk: str = ""


def _limits() -> tuple[Table, ...]:
    """Return the limits as the desk keeps them, those in use first."""
    limits = PlatformLimit.objects.order_by("platform", "subject", "-is_used", "value")
    return tuple(
        Table(
            platform(key).label,
            ("Limit", "Value", "In use"),
            tuple(
                Row(
                    limit.subject,
                    (f"{limit.value:,}", "Warnings count it" if limit.is_used else ""),
                    limit.source,
                    limit.checked_on,
                )
                for limit in rows
            ),
        )
        for key, rows in groupby(limits, key=lambda limit: limit.platform)
    )


PAGES = (
    Page(
        "roles",
        "Roles",
        "What each role may do on TikTok, and for whom it is.",
        lambda: (tiktok.ACCOUNT_ROLES, tiktok.CENTER_ROLES, tiktok.FINANCE_ROLES),
    ),
    Page(
        "methods",
        "Ways in",
        "One link, Method A and Method B beside each other.",
        lambda: (tiktok.WAYS, tiktok.SPARK),
    ),
    Page(
        "platforms",
        "Platforms",
        "How TikTok, Meta, Google Ads and LinkedIn differ.",
        lambda: (PLATFORMS,),
    ),
    Page(
        "limits",
        "Limits",
        "Sources that disagree stand side by side. Access owners keep them up to date.",
        _limits,
        desk="admin:accounts_platformlimit_changelist",
    ),
    Page(
        "practices",
        "Security practices",
        "What the guide asks of us, and what the portal does for it.",
        lambda: PRACTICES,
        unguarded,
    ),
)


def doors(site: AdminSite) -> list[Any]:
    """Return the addresses of the reference pages, `admin:reference_…`."""
    return [
        path(
            f"reference/{page.key}/",
            site.admin_view(_view(page)),
            name=f"reference_{page.key}",
        )
        for page in PAGES
    ]


def _view(page: Page) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        tables = page.tables()
        return draw(
            request,
            "admin/reference.html",
            {
                "title": page.title,
                "sentence": page.sentence,
                "missing": page.missing(),
                "acts": _acts(request, page),
                "tables": tables,
                "is_old": any(row.is_old for table in tables for row in table.rows),
            },
        )

    return view


def _acts(request: HttpRequest, page: Page) -> list[dict[str, str]]:
    if not page.desk or not request.user.has_perm("accounts.change_platformlimit"):
        return []
    return [{"label": "Keep up to date", "icon": "limit", "url": reverse(page.desk)}]
