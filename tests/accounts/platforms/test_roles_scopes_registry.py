from __future__ import annotations

import pytest

from accounts.outbound import Door
from accounts.platforms import registry
from accounts.platforms.roles import Role
from accounts.platforms.tiktok.scopes import missing_scopes

CLIENT = ["100", "150", "153", "155"]


def test_it_offers_the_roles_weakest_first() -> None:
    assert ("unknown", "Unknown") not in Role.choices()
    assert Role.choices()[0] == ("analyst", "Analyst")


def test_it_refuses_a_purpose_nobody_defined() -> None:
    with pytest.raises(KeyError):
        missing_scopes(CLIENT, "dance")


def test_it_names_what_was_withheld() -> None:
    assert missing_scopes(["100", "150", "153"], "client") == (
        "Business Center Partner Management",
    )
    assert missing_scopes(CLIENT, "agency") == ("Business Center Member Management",)
    assert missing_scopes(CLIENT, "nice") == ("Change Log",)
    assert len(missing_scopes([], "client")) == 4
    assert missing_scopes(["690", "693"], "spark") == ("Authorize TikTok Posts",)


@pytest.mark.parametrize("granted", [CLIENT, ["1"], ["10", "15"], ["100", "15"]])
def test_it_lets_a_parent_grant_its_children(granted: list[str]) -> None:
    assert missing_scopes(granted, "client") == ()


def test_it_lets_a_child_grant_no_parent() -> None:
    assert missing_scopes(["2", "151", "152", "157"], "client") != ()


def test_it_knows_no_other_platform() -> None:
    with pytest.raises(registry.UnknownPlatformError, match="myspace"):
        registry.open_connector("myspace", door=Door(set()))
    with pytest.raises(KeyError):
        registry.platform("tiktok").can("fly")


def test_it_opens_a_connector_for_the_configured_host(settings) -> None:
    settings.TIKTOK = {
        "app_id": "42",
        "app_secret": "CANARY",
        "api_url": "http://127.0.0.1:8100/open_api/v1.3/",
        "auth_url": "http://127.0.0.1:8100/portal/auth",
        "creator_auth_url": "http://127.0.0.1:8100/v2/auth/authorize",
    }
    spec = registry.platforms()["tiktok"]
    assert spec.hosts == {"127.0.0.1:8100"}
    assert spec.app_id == "42"
    assert spec.can("share_by_api")
    assert spec.batch_sizes["share"] == 50
    assert spec.missing_scopes(["1"], "agency") == ()
    assert "CANARY" not in repr(spec)
    assert "CANARY" not in repr(registry.open_connector("tiktok", door=Door(set())))
