"""The keys' desk: what each does at its end, who acts, its last problem.

Never the key itself.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import path
from django.utils.html import format_html

from accounts import fixes, keys, rows
from accounts.admin import disconnecting, refreshing
from accounts.admin.base import SeenDesk
from accounts.admin.filters import AtItsEnd, Whose
from accounts.admin.panels import PANEL, Panel
from accounts.models import Connection, Consent, Event, SparkAuthorization
from accounts.platforms.registry import platform
from agencyportal_pill import pill  # placeholder
