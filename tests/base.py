"""What the tests share that is neither a fixture nor a model factory."""

from __future__ import annotations

import shutil
from typing import Any

from django.test import Client

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable")


class HttpsClient(Client):
    """A test client whose every request arrives by https, as production's do."""

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        return super().generic(*args, **{**kwargs, "secure": True})


def find_chromium() -> str | None:
    """Return the path of the installed Chromium, or None."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
