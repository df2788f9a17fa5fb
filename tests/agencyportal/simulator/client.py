"""A bare client of the simulator's wire: nothing of the product's connector."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from agencyportal.simulator.server import Simulator

AGENCY = "7210334451890176002"
NORDIC = "7255901338741284866"
CLIENT_URI = "http://127.0.0.1:8000/connect/client/tiktok/"
CREATOR_URI = "http://127.0.0.1:8000/connect/creator/tiktok/"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> int:
        return self.json["code"]

    @property
    def data(self) -> Any:
        assert self.code == 0, self.text
        return self.json["data"]

    @property
    def list(self) -> Any:
        return self.data["list"]


class Client:
    """Speaks HTTP to one simulator and follows no redirect."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    def send(
        self,
        method: str,
        url: str,
        *,
        body: str | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        address = urlsplit(url if "://" in url else self.simulator.base_url + url)
        connection = http.client.HTTPConnection(address.netloc, timeout=10)
        path = address.path + (f"?{address.query}" if address.query else "")
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, text)

    @contextmanager
    def left_open(self, path: str, body: dict[str, Any]) -> Iterator[None]:
        """Send a call and hang up at the end, whether or not it was answered."""
        address = urlsplit(self.simulator.base_url).netloc
        connection = http.client.HTTPConnection(address, timeout=10)
        headers = {"Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        yield
        connection.close()

    def get(self, name: str, token: str | None = None, /, **params: Any) -> Answer:
        query = {k: v if type(v) is str else json.dumps(v) for k, v in params.items()}
        headers = {} if token is None else {"Access-Token": token}
        path = f"/open_api/v1.3/{name}" + (f"?{urlencode(query)}" if query else "")
        return self.send("GET", path, headers=headers)

    def post(self, name: str, token: str | None = None, /, **params: Any) -> Answer:
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Access-Token"] = token
        path = f"/open_api/v1.3/{name}"
        return self.send("POST", path, body=json.dumps(params), headers=headers)

    def control(self, name: str, /, **params: Any) -> Answer:
        """POST to the control door."""
        return self.send(
            "POST",
            f"/_control/{name}",
            body=json.dumps(params),
            headers={"Content-Type": "application/json"},
        )

    def see(self, name: str) -> Any:
        """GET from the control door."""
        answer = self.send("GET", f"/_control/{name}")
        assert answer.status == 200, answer.text
        return answer.json

    def switch(self, **values: Any) -> None:
        answer = self.control("switches", **values)
        assert answer.status == 200, answer.text

    def form(self, url: str, values: dict[str, Any]) -> Answer:
        return self.send(
            "POST",
            url,
            body=urlencode(values, doseq=True),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    def app(self) -> dict[str, str]:
        app = self.see("app")
        return {"app_id": app["app_id"], "secret": app["secret"]}

    def code(self, person: str, **params: Any) -> str:
        """Consent without a browser and return the auth_code."""
        answer = self.control("consent", person=person, **params)
        assert answer.status == 200, answer.text
        return parse_qs(urlsplit(answer.json["location"]).query)["auth_code"][0]

    def token(self, person: str, **params: Any) -> str:
        answer = self.post(
            "oauth2/access_token/",
            **self.app(),
            auth_code=self.code(person, **params),
        )
        return answer.data["access_token"]

    def app_as_client(self) -> dict[str, str]:
        app = self.see("app")
        return {"client_id": app["app_id"], "client_secret": app["secret"]}

    def creator_code(self, creator: str, **params: Any) -> str:
        """Consent as a creator, without a browser; return the code."""
        answer = self.control("creators/consent", creator=creator, **params)
        assert answer.status == 200, answer.text
        return parse_qs(urlsplit(answer.json["location"]).query)["code"][0]

    def pair(self, creator: str, **params: Any) -> dict[str, Any]:
        """Return what the app gets for a creator's consent."""
        return self.post(
            "tt_user/oauth2/token/",
            **self.app_as_client(),
            grant_type="authorization_code",
            auth_code=self.creator_code(creator, **params),
            redirect_uri=CREATOR_URI,
        ).data

    def refresh(self, token: str) -> Answer:
        return self.post(
            "tt_user/oauth2/refresh_token/",
            **self.app_as_client(),
            grant_type="refresh_token",
            refresh_token=token,
        )

    def center(self, name: str) -> str:
        return next(c["bc_id"] for c in self.see("centers") if c["name"] == name)

    def owned(self, bc_id: str) -> list[str]:
        return next(
            c["owned_accounts"] for c in self.see("centers") if c["bc_id"] == bc_id
        )

    def share(self, token: str, bc_id: str, ids: list[str], **params: Any) -> Answer:
        values = {
            "bc_id": bc_id,
            "partner_id": AGENCY,
            "asset_type": "ADVERTISER",
            "asset_ids": ids,
            "advertiser_role": "OPERATOR",
        }
        return self.post("bc/partner/add/", token, **(values | params))

    def shared(self, token: str, giver: str, **params: Any) -> dict[str, str]:
        """Return account -> role as the agency's center reads it."""
        rows = self.get(
            "bc/partner/asset/get/",
            token,
            bc_id=AGENCY,
            partner_id=giver,
            asset_type="ADVERTISER",
            share_type="SHARED",
            page_size=50,
            **params,
        ).list
        return {row["asset_id"]: row["advertiser_role"] for row in rows}

    def held(self, token: str, bc_id: str, **filtering: str) -> dict[str, Any]:
        """Return account -> row of bc/asset/admin/get, first 50."""
        rows = self.get(
            "bc/asset/admin/get/",
            token,
            bc_id=bc_id,
            asset_type="ADVERTISER",
            filtering=filtering,
            page_size=50,
        ).list
        return {row["asset_id"]: row for row in rows}
