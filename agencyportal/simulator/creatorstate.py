"""What the simulated TikTok knows of creators: rows of the World, as in `state.py`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Creator:
    """A TikTok account and its owner. `slug` is its short id on our pages.

    On the wire it has three ids: within the app, in a center, as an ad's author.
    """

    slug: str
    name: str
    username: str
    open_id: str
    asset_id: str
    identity_id: str
    scenario: str = ""
    withheld_scopes: list[str] = field(default_factory=list)
    available_status: str = "AVAILABLE"


@dataclass
class CreatorCode:
    """A creator's consent on its way to the app: single use, dead at `expires_at`."""

    value: str
    open_id: str
    scopes: list[str]
    redirect_uri: str
    expires_at: float
    is_used: bool = False


@dataclass
class Pair:
    """The tokens of one consent. Every token's text has the pair's `key` in it.

    `access` and `replaced` go from a token to the time it ends, or was replaced; the
    newest few are kept, and any other refresh token of the key was replaced before.
    """

    key: str
    open_id: str
    scopes: list[str]
    refresh: str
    refresh_until: float
    created_at: float
    access: dict[str, float] = field(default_factory=dict)
    replaced: dict[str, float] = field(default_factory=dict)
    is_alive: bool = True
