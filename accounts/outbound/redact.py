"""Take secrets out of text before anybody else reads it."""

from __future__ import annotations

import logging
import re
import traceback

MASK = "[hidden]"

# A name that holds a secret, alone or inside a longer name (`oauth_token_secret`).
_NAME = (
    r"[\w.-]{0,40}(?:token|secret|passw(?:or)?d|auth_code|authorization|cookie"
    r"|api_?key|signature)[\w.-]{0,40}"
    r"|code|state|key"
)
_DONE = r"[\"']?" + re.escape(MASK)
_QUOTE = r"""(?:\\{0,4}["']|%22|%27)?"""
_RULES = (
    # `Authorization: Bearer abc`, `Cookie: a=b; c=d`: the rest of the line.
    (
        re.compile(
            r"\b(authorization|(?:set-)?cookie)([\"']?\s*:\s*)([\"']?)"
            rf"(?!{_DONE})[^\r\n\"']+",
            re.IGNORECASE,
        ),
        rf"\1\2\3{MASK}",
    ),
    # `name=value`, `"name": "value"`, `name%3Dvalue`. A bare number of up to five
    # digits after a colon is a platform's answer code, not a secret.
    (
        re.compile(
            rf"(?:(?<![\w.-])|(?<=%[0-9A-F]{{2}}))({_NAME})({_QUOTE}\s{{0,4}}(?:=|:|%3D|%3A)\s{{0,4}})"
            rf"(?!(?<=[:\s])-?\d{{1,5}}(?![\w.-])|{_DONE})"
            r"(?:"
            r"""(\\{0,4}["'])(?:(?!\3)(?:\\[^\r\n]|[^\r\n]))*"""
            r"|\[[^\]\r\n]*|\{[^}\r\n]*"
            r"""|[^\s&"'<>,;)}\]\[{\\][^\s&"'<>,;)}\]\\]*"""
            r")",
            re.IGNORECASE,
        ),
        rf"\1\2\3{MASK}",
    ),
    (re.compile(r"\b(bearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1{MASK}"),
    # Our own link addresses, a client's, a creator's, a colleague's or a calendar's,
    # plain or inside `next=`.
    (
        re.compile(
            r"((?:/|%2F)(?:l|s|feeds|welcome|reset(?:/|%2F)key)(?:/|%2F))[\w:-]{16,}",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
)


def redact(text: str) -> str:
    """Return `text` with every value under a secret's name, and link tokens, masked."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


class RedactingFilter(logging.Filter):
    """Redact a record's message, exception and stack before a handler writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(_message(record))
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info))
        if record.exc_text:
            record.exc_text = redact(record.exc_text.rstrip("\n"))
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def _message(record: logging.LogRecord) -> str:
    """Return the message; one whose arguments do not fit goes without them."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return str(record.msg)
