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


@dataclass
class Hold:
    """A creator's account in a center, with the rights its owner approved."""

    bc_id: str
    open_id: str
    roles: list[str]


@dataclass
class CreatorSeat:
    """A member's roles on a creator's account, held through one center."""

    bc_id: str
    user_id: str
    open_id: str
    roles: list[str]


@dataclass
class CreatorLink:
    """An ad account that may use a creator's account, by way of a center."""

    bc_id: str
    open_id: str
    advertiser_id: str


@dataclass
class CenterLink:
    """The address a center hands to creators, as a QR code or a link."""

    value: str
    bc_id: str
    made_at: float


@dataclass
class Post:
    """A creator's post. `code` is what the app shows as ad authorization code.

    `days` 0: no code was made. `is_deleted` is the post, `is_withdrawn` its code.
    """

    item_id: str
    open_id: str
    text: str
    code: str = ""
    starts_at: float = 0.0
    ends_at: float = 0.0
    days: int = 0
    is_withdrawn: bool = False
    is_deleted: bool = False


@dataclass
class Binding:
    """A code an ad account has taken in."""

    advertiser_id: str
    item_id: str
    code: str
    bound_at: float


@dataclass
class Ad:
    """An ad that uses a post, by its code or by way of a center."""

    advertiser_id: str
    item_id: str
    is_running: bool = True
