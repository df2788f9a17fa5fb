"""A stand-in for TikTok API for Business v1.3 that keeps state (TikTok facts 10).

It uses the standard library only and imports nothing of this project, so it cannot
share a misreading with the connector it is there to test.
"""

from __future__ import annotations
