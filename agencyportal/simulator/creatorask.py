"""What the app asks a creator for, and where each answer goes (TikTok facts 3.1)."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from agencyportal.simulator.pages import hidden, problem
from agencyportal.simulator.state import World
from agencyportal.simulator.wire import Response


class CreatorAsk:
    """What the app asks a creator for, by the parameters of the address."""

    def __init__(self, values: dict[str, str]) -> None:
        self.client_key = values.get("client_key", "")
        self.redirect_uri = values.get("redirect_uri", "")
        self.response_type = values.get("response_type", "")
        self.state = values.get("state")
        self.scopes = [one for one in values.get("scope", "").split(",") if one]
        self.asks_always = values.get("disable_auto_auth") == "1"

    def refused_by(self, world: World) -> Response | None:
        """Return the page for a wrong app or address, which never redirects."""
        if self.client_key != world.app.app_id:
            return problem(
                "Unknown app",
                f"There is no app {self.client_key or 'without a client_key'}."
                " Check TIKTOK_APP_ID.",
            )
        if self.redirect_uri not in world.app.redirect_uris:
            return problem(
                "Redirect address not registered",
                f"The app does not list {self.redirect_uri or 'an empty address'}."
                " Register it under TikTok account holder redirect URLs.",
            )
        if world.switches["creator_redirect_rule"] and not _keeps_rule(
            self.redirect_uri
        ):
            return problem(
                "Redirect address not allowed",
                "It must be https, end with a slash, and have no port and no query.",
            )
        if self.response_type != "code":
            return problem("Wrong response_type", "It must be code.")
        return None

    def answer(self, world: World) -> str:
        """Return where a page that fails as a whole goes, "" when it can be shown."""
        if self.scopes and set(self.scopes) <= set(world.app.creator_scopes):
            return ""
        return self.location(
            error="invalid_scope", error_description="A scope is not the app's."
        )

    def location(self, **values: str) -> str:
        if self.state is not None:
            values["state"] = self.state
        mark = "&" if "?" in self.redirect_uri else "?"
        return self.redirect_uri + (mark + urlencode(values) if values else "")

    def granted(self, code: str, scopes: list[str]) -> str:
        return self.location(code=code, scopes=",".join(scopes))

    def refused(self) -> str:
        return self.location(
            error="access_denied", error_description="The user refused."
        )

    def fields(self) -> str:
        values = {
            "client_key": self.client_key,
            "scope": ",".join(self.scopes),
            "response_type": self.response_type,
            "redirect_uri": self.redirect_uri,
        }
        if self.state is not None:
            values["state"] = self.state
        return "".join(hidden(name, value) for name, value in values.items())


def _keeps_rule(uri: str) -> bool:
    parts = urlsplit(uri)
    return (
        parts.scheme == "https"
        and uri.endswith("/")
        and parts.port is None
        and not parts.query
        and not parts.fragment
        and 10 <= len(uri) <= 512
    )
