"""What a creator may let an app do, by the names of scopes (TikTok facts 3.1)."""

from __future__ import annotations

CREATOR_SCOPES: dict[str, str] = {
    "user.info.basic": "Your name and picture",
    "user.info.username": "Your username",
    "user.info.profile": "Your profile information",
    "video.list": "Your public videos",
    "biz.spark.auth": "Your posts, to use in ads",
}
