"""What a creator is asked for, in the words people use; each platform maps its own."""

from __future__ import annotations

PROFILE = "profile"
LIVE = "live"
POSTS = "posts"
VIDEOS = "videos"

# In the order a page asks for them. Without POSTS there are no ads.
WORDS = {
    POSTS: "Use posts for ads",
    PROFILE: "Profile information",
    VIDEOS: "Public videos",
    LIVE: "Live videos",
}
