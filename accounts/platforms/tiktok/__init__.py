"""TikTok API for Business v1.3, as told in the TikTok facts."""
