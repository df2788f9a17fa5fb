"""What TikTok can and cannot do, as data for the registry."""

from __future__ import annotations

from types import MappingProxyType

from accounts.platforms.roles import Role

ROLES = (Role.ANALYST, Role.OPERATOR, Role.ADMIN)

CAPABILITIES = MappingProxyType(
    {
        "share_by_api": True,  # facts 5.3
        "request_by_api": False,  # facts 5.4: only on TikTok's web page
        "needs_two_keys": True,  # the client's to share, the agency's to read back
        "receiver_may_have_to_accept": True,  # facts 5.3, told in two ways
        "keeps_attribution": True,  # the guide, issue 4
        "pushes_access_changes": False,  # facts 9: loss is found by reading
    }
)

# Facts 5.3, 5.2, 5.5, 7.3. advertiser/info has no documented maximum; see
# account_details.
SHARE_BATCH = 50
PAGE = 50
MEMBER_PAGE = 20
IDENTITY_PAGE = 100
DETAILS_BATCH = 100
# A column's room; TikTok names no length for a center's link.
LONGEST_QR = 1000

BATCH_SIZES = MappingProxyType({"share": SHARE_BATCH, "details": DETAILS_BATCH})

# By the kind of a key: a person's login (facts 2.2), a creator's (facts 3.2). When a
# creator's pair ends is told with it and differs; so no number stands here.
REFRESHES = MappingProxyType({"login": False, "creator": True})
KEY_NATURE = MappingProxyType(
    {
        "login": "never ends; it dies when its owner or the agency withdraws it",
        "creator": "renews itself; the creator signs in again before it ends",
    }
)
