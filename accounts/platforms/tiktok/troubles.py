"""What stands in the way when TikTok refuses, in words every platform shares."""

from __future__ import annotations

from accounts.platforms.tiktok.codes import meaning

# TikTok facts 5.3: it has no codes of its own for these, only a sentence beside 40001
# or 40002. Its wording is not confirmed, so several are known.
SENTENCES = {
    "already_linked": ("another business center", "already linked", "already bound"),
    "not_owner": ("not owned by", "does not own"),
}
UNCLEAR = {"bad_request", "no_permission"}
WRONG_LOGIN = {"40106", "40119"}  # facts 8.1


def trouble_of(code: str, answer: str) -> str:
    """Return a neutral word for a refusal, "" where there was no code.

    The kinds of `codes.meaning`, and beside them already_linked, not_owner and
    wrong_login.
    """
    if not code.isdecimal():
        return ""
    if code in WRONG_LOGIN:
        return "wrong_login"
    kind = meaning(int(code)).kind
    if kind not in UNCLEAR:
        return kind
    said = answer.lower()
    for trouble, wordings in SENTENCES.items():
        if any(wording in said for wording in wordings):
            return trouble
    return kind
