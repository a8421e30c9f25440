"""Credentials never reach a log, an event, an error or the screen: `redact(text) -> text`."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

HIDDEN = "***"

# Up to the last "@" of the authority: passwords with a bare "@" are common.
_USERINFO = re.compile(r"(?<=://)[^/\s?#'\"]*@")
# A password with a bare "/", "?" or "#" ends the authority early: no port number follows "user:" then.
_BROKEN_USERINFO = re.compile(r"(?<=://)[^/\s?#:@]+:(?!\d+(?:[/?#\s'\"),;]|$))[^\s@]*@(?:[^\s/@]*@)*")
_PARAMETER = re.compile(
    r"(?i)([?&;](?:[a-z0-9_.-]*(?:passw(?:or)?d|passwd|pwd|token|secret|signature|credential|api[_-]?key)[a-z0-9_.-]*"
    r"|pass|psw|key|sig|auth|usr|user|username|login(?:use|pas)?)=)[^&\s#;'\"]*"
)
_AUTHORIZATION = re.compile(r"(?i)(authorization:\s*\w+\s+)[^\r\n]*")
_SHORTEST_LITERAL = 4


def redact(text: str) -> str:
    """`text` (a URL, or a message that holds some) without user names, passwords, tokens and keys."""
    text = _BROKEN_USERINFO.sub(f"{HIDDEN}@", text)
    text = _USERINFO.sub(f"{HIDDEN}@", text)
    text = _PARAMETER.sub(rf"\g<1>{HIDDEN}", text)
    return _AUTHORIZATION.sub(rf"\g<1>{HIDDEN}", text)


def redact_message(message: str, url: str) -> str:
    """`message`, which speaks of `url`, without that URL's secrets in any spelling."""
    shown = redact(message.replace(url, redact(url)))
    for secret in _secrets(url):
        shown = shown.replace(secret, HIDDEN)
    return shown


def _secrets(url: str) -> list[str]:
    """The password and the values of secret parameters, as written and decoded, longest first."""
    found = {m.group(0).split("=", 1)[1] for m in _PARAMETER.finditer(url)}
    try:
        password = urlsplit(url).password
    except ValueError:  # "Invalid IPv6 URL": brackets in a password
        password = None
    if password:
        found.add(password)
    found |= {unquote(s) for s in found}
    # Shorter ones would blot out half of an innocent message; inside URLs redact() has hidden them already.
    return sorted((s for s in found if len(s) >= _SHORTEST_LITERAL), key=len, reverse=True)
