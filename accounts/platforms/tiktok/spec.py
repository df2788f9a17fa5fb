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
        "key_refreshes": False,  # facts 2.2
        "keeps_attribution": True,  # the guide, issue 4
        "pushes_access_changes": False,  # facts 9: loss is found by reading
    }
)

# Facts 5.3, 5.2, 5.5. advertiser/info has no documented maximum; see account_details.
SHARE_BATCH = 50
PAGE = 50
MEMBER_PAGE = 20
DETAILS_BATCH = 100

BATCH_SIZES = MappingProxyType({"share": SHARE_BATCH, "details": DETAILS_BATCH})
