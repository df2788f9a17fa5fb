"""QR codes as SVG, for pages and paper."""

from __future__ import annotations

import qrcode
import qrcode.image.svg
from django.utils.safestring import SafeString, mark_safe


def qr_code(url: str) -> SafeString:
    """Return the address as an SVG picture, dark on white whatever the theme."""
    code = qrcode.make(url, image_factory=qrcode.image.svg.SvgPathImage, border=2)
    return mark_safe(code.to_string(encoding="unicode"))  # noqa: S308 made by us
