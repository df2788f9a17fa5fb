"""The connector's calls about creators against the simulated TikTok."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.outbound import OutboundError
from accounts.outbound.secret import Secret
from accounts.platforms.registry import platform
from accounts.platforms.roles import Role
from accounts.platforms.spark import LIVE, POSTS, PROFILE, VIDEOS
from accounts.platforms.tiktok.client import TikTok
from accounts.platforms.tiktok.spark_values import CreatorToken
from agencyportal.simulator.scenarios import CREATORS
from tests.agencyportal.simulator.client import AGENCY, CREATOR_URI, Client

SCOPES = platform("tiktok").spark.scopes_of([POSTS, PROFILE, VIDEOS])


def consent(tiktok: TikTok, world: Client, creator: str) -> CreatorToken:
    code = world.creator_code(creator, scopes=SCOPES)
    return tiktok.exchange_creator_code(Secret(code), CREATOR_URI)


@pytest.fixture
def aino(tiktok: TikTok, world: Client) -> CreatorToken:
    return consent(tiktok, world, "aino")


@pytest.fixture
def post(world: Client) -> str:
    return next(p["item_id"] for p in world.see("posts") if p["creator"] == "aino")


@pytest.fixture
def ad_account(tiktok: TikTok, world: Client, sofia: Secret) -> str:
    """An ad account shared with the agency's center."""
    center = world.center("Halden Outdoor")
    account = world.owned(center)[0]
    tiktok.share_accounts(sofia, center, AGENCY, [account], Role.OPERATOR)
    return account


# Keys -------------------------------------------------------------------------------


def test_it_cannot_use_a_creators_code_twice(tiktok: TikTok, world: Client) -> None:
    code = Secret(world.creator_code("aino"))
    tiktok.exchange_creator_code(code, CREATOR_URI)
    with pytest.raises(OutboundError) as caught:
        tiktok.exchange_creator_code(code, CREATOR_URI)
    assert caught.value.kind == "code_used"


@pytest.mark.parametrize("code", [40103, 40105, 40107, 40110, 40131])
def test_it_learns_that_nothing_renews_a_key(
    tiktok: TikTok, world: Client, aino: CreatorToken, code: int
) -> None:
    world.switch(dead_refresh_code=code)
    world.control("creators/withdraw", creator="aino")
    assert aino.refresh_token is not None
    with pytest.raises(OutboundError) as caught:
        tiktok.refresh(aino.refresh_token)
    assert (caught.value.kind, caught.value.permanent) == ("dead_refresh", True)
    with pytest.raises(OutboundError) as caught:
        tiktok.creator_token_info(aino.access_token)
    assert caught.value.kind == "dead_token"


def test_the_consent_page_opens_at_the_address_it_gives(
    tiktok: TikTok, world: Client
) -> None:
    url = tiktok.creator_authorize_url("s", CREATOR_URI, SCOPES)
    answer = world.send("GET", url)
    assert answer.status == 200
    assert "biz.spark.auth" in answer.text
    wrong = tiktok.creator_authorize_url("s", CREATOR_URI, ["comment.list"])
    assert world.send("GET", wrong).status == 302


@pytest.mark.parametrize("rotation", ["none", "grace", "strict"])
def test_it_renews_a_key_again_and_again(
    tiktok: TikTok, world: Client, aino: CreatorToken, rotation: str
) -> None:
    world.switch(refresh_rotation=rotation)
    token = aino
    for _ in range(3):
        assert token.refresh_token is not None
        before, token = token, tiktok.refresh(token.refresh_token)
        assert (token.refresh_token == before.refresh_token) == (rotation == "none")
    assert (token.open_id, token.scopes) == (aino.open_id, SCOPES)
    assert token.expires_in == 86400
    assert tiktok.creator_token_info(token.access_token).creator_id == aino.open_id


@pytest.mark.parametrize("one", CREATORS, ids=lambda one: one.name)
def test_it_reads_what_each_creator_grants(tiktok: TikTok, world: Client, one) -> None:
    if one.button == "refuse":
        answer = world.control("creators/consent", creator=one.person)
        came = parse_qs(urlsplit(answer.json["location"]).query)
        assert came["error"] == ["access_denied"]
        return
    token = consent(tiktok, world, one.person)
    told = tiktok.creator_token_info(token.access_token)
    assert told.scopes == token.scopes
    profile = tiktok.creator_profile(token.access_token, token.open_id)
    assert profile.display_name
    assert profile.username
    words = platform("tiktok").spark.words_of_scopes(told.scopes)
    assert (POSTS in words) == (one.name != "creator_no_posts")
    assert (VIDEOS in words) == (one.name != "creator_partial")


# A creator's account in our center --------------------------------------------------


def test_it_goes_from_a_center_s_code_to_an_identity_and_back(
    tiktok: TikTok, world: Client, priya: Secret, ad_account: str
) -> None:
    link = tiktok.center_qr(priya, AGENCY)
    form = {"creator": "aino", "role": ["POST", "LIVE"], "decision": "approve"}
    assert world.form(link, form).status == 200
    (account,) = tiktok.creator_accounts(priya, AGENCY)
    assert account.role is Role.POSTS_LIVE
    words = platform("tiktok").spark.words_of_roles(account.native_roles)
    assert words == {POSTS, PROFILE, VIDEOS, LIVE}

    jonas = next(m for m in tiktok.members(priya, AGENCY) if not m.is_admin).external_id
    who = (priya, AGENCY, account.external_id, jonas)
    tiktok.assign_creator_member(*who, Role.POSTS)
    (held,) = tiktok.creator_accounts_of(priya, AGENCY, jonas)
    assert (held.external_id, held.role) == (account.external_id, Role.POSTS)
    tiktok.unassign_creator_member(*who)
    assert not tiktok.creator_accounts_of(priya, AGENCY, jonas).rows

    ad = (priya, AGENCY, account.external_id, ad_account)
    tiktok.link_ad_account(*ad)
    (linked,) = tiktok.linked_ad_accounts(priya, AGENCY, account.external_id)
    assert linked.external_id == ad_account
    (identity,) = tiktok.identities(priya, ad_account, AGENCY)
    assert (identity.username, identity.status) == ("aino.outdoors", "AVAILABLE")
    tiktok.unlink_ad_account(*ad)
    assert not tiktok.identities(priya, ad_account, AGENCY).rows

    tiktok.remove_creator_account(priya, AGENCY, account.external_id)
    assert not tiktok.creator_accounts(priya, AGENCY).rows


# Posts ------------------------------------------------------------------------------


def test_it_binds_a_typed_code_and_takes_it_off(
    tiktok: TikTok, world: Client, priya: Secret, ad_account: str, post: str
) -> None:
    code = Secret(world.control("posts/code", item_id=post, days=7).json["code"])
    told = tiktok.post_of_code(priya, ad_account, code)
    assert told.item_id == post
    assert told.starts_at
    assert told.ends_at == told.starts_at + dt.timedelta(days=7)
    tiktok.authorize_post(priya, ad_account, code)
    bound = {one.item_id: one for one in tiktok.posts(priya, ad_account)}[post]
    assert (bound.code, bound.status) == (code, "AUTHORIZED")
    tiktok.unbind_post(priya, ad_account, post)
    assert post not in {one.item_id for one in tiktok.posts(priya, ad_account)}


def test_it_makes_extends_and_ends_a_code(
    tiktok: TikTok, aino: CreatorToken, post: str
) -> None:
    who = (aino.access_token, aino.open_id, post)
    made = tiktok.allow_post(*who, 30)
    assert (made.days, made.status) == (30, "NOT_USED")
    assert made.code is not None
    longer = tiktok.extend_post(*who, 365)
    assert made.ends_at
    assert longer.ends_at == made.ends_at + dt.timedelta(days=365)
    assert tiktok.post_status(*who) == longer
    gone = tiktok.forbid_post(*who)
    assert (gone.code, gone.status) == (None, "DELETED")
