"""Links and messages as they may be shown: without passwords, tokens and signatures.

A link is what a person gave, and may hold a secret: a password before the host, a token or a signature in the query,
the secret part of a private SoundCloud link. Whatever is printed, logged, written into a catalogue or into an error
goes through `redact` (one link) or `redact_text` (a sentence of somebody else's, which may hold links and headers).
In doubt a value is hidden: a value too many costs nothing, a token in a log does.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

__all__ = ["is_secret_name", "redact", "redact_text"]

_HIDDEN = "…"

# The generic syntax of RFC 3986, appendix B: it never fails, whatever the text.
_LINK = re.compile(r"(?s)(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*:)(?://(?P<authority>[^/?#\\]*))?(?P<rest>.*)")
_WHOLE_LINK = re.compile(r"(?i)[a-z][a-z0-9+.\-]*://\S+")
_PARAM = re.compile(r"([^=&;?#]+)=([^&;?#]*)")
_INNER_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")

# Names of parameters whose value is a credential or a signature, compared without case, hyphens and underscores.
_SECRET_PARTS = (
    "token", "secret", "signature", "passw", "passphrase", "credential", "apikey", "accesskey", "authkey", "privatekey",
    "session", "bearer", "cookie", "oauth", "jwt", "hmac", "xamz", "xgoog", "hdnts", "hdnea", "hdntl",
)  # fmt: skip
_SECRET_NAMES = frozenset({
    "auth", "authorization", "authuser", "accesskeyid", "code", "expires", "hash", "key", "keypairid", "lsig", "md5",
    "pass", "policy", "pw", "pwd", "sas", "sid", "sig", "ticket",
})  # fmt: skip

_SOUNDCLOUD_SECRET = re.compile(r"(?<=/)s-[A-Za-z0-9]{4,}(?![A-Za-z0-9_-])")

_HEADER = re.compile(r"(?im)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(\\?[\"']?\s*[:=]\s*)[^\r\n]+")
_SCHEME_VALUE = re.compile(r"(?i)\b(bearer|oauth)(\s+|%20|\+)(?!…)\S+")
_QUOTED_PAIR = re.compile(r"""(["'])([\w.\-]+)\1(\s*:\s*)(["'])(?:\\.|(?!\4).)*(?:\4|$)""")
_BARE_PAIR = re.compile(r"""(?<![\w.%\-])([\w.%\-]+)=("[^"]*"|'[^']*'|[^\s&;#]+)""")


def is_secret_name(name: str) -> bool:
    """Whether a parameter of this name holds a credential or a signature."""
    plain = re.sub(r"[^a-z0-9]", "", unquote(unquote(name)).lower())
    return plain in _SECRET_NAMES or any(part in plain for part in _SECRET_PARTS)


def redact(link: str) -> str:
    """The link as it may be shown.

    User and password before the host are left out; the values of parameters that are credentials or signatures (in
    the query and in the fragment) become "…", also in a link that stands percent-encoded inside another; so does the
    secret part of a private SoundCloud link. A text that is no link, a path for example, comes back as it is.
    """
    return _redact(link, depth=0)


def redact_text(text: str) -> str:
    """A free text as it may be shown: every link in it redacted, and every credential in a header or a pair hidden.

    Covers `Authorization` and `Cookie` headers, `Bearer …` and `OAuth …`, `token=…` and `"token": "…"`.
    """
    text = _HEADER.sub(lambda m: f"{m[1]}{m[2]}{_HIDDEN}", text)
    text = _SCHEME_VALUE.sub(lambda m: f"{m[1]}{m[2]}{_HIDDEN}", text)
    text = _WHOLE_LINK.sub(lambda m: _redact(m[0], depth=0), text)
    text = _QUOTED_PAIR.sub(
        lambda m: f"{m[1]}{m[2]}{m[1]}{m[3]}{m[4]}{_HIDDEN}{m[4]}" if is_secret_name(m[2]) else m[0], text
    )
    return _BARE_PAIR.sub(lambda m: f"{m[1]}={_HIDDEN}" if is_secret_name(m[1]) else m[0], text)


def _redact(link: str, depth: int) -> str:
    parts = _LINK.fullmatch(link)
    if parts is None or parts["authority"] is None:
        head, mark, query = link.partition("?")
        return head + mark + _redact_params(query, depth) if mark else link
    authority, rest = parts["authority"], parts["rest"]
    if "@" in authority:
        authority = authority.rpartition("@")[2]
    elif "@" in rest and not _is_host(authority):
        # A password with an unencoded slash or question mark: what looks like the host is the user.
        authority, rest = _after_credentials(rest)
    rest = _INNER_CREDENTIALS.sub("", rest)
    if _is_soundcloud(authority):
        rest = _SOUNDCLOUD_SECRET.sub(f"s-{_HIDDEN}", rest)
    params = re.search(r"[?#;]", rest)
    start = params.start() if params else len(rest)
    return f"{parts['scheme']}//{authority}{rest[:start]}{_redact_params(rest[start:], depth)}"


def _redact_params(query: str, depth: int) -> str:
    """The values of `name=value` pairs, wherever they are separated by `&`, `;`, `?` or `#`."""

    def pair(found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        hidden = value and (is_secret_name(name) or _holds_secret_link(value, depth))
        return f"{name}={_HIDDEN}" if hidden else found[0]

    return _PARAM.sub(pair, query)


def _holds_secret_link(value: str, depth: int) -> bool:
    """Whether the value is itself a link, in any layer of percent-encoding, that may not be shown as it is."""
    if depth > 3:
        return True
    for _ in range(5):
        if "://" in value and _redact(value, depth + 1) != value:
            return True
        decoded = unquote(value)
        if decoded == value:
            return False
        value = decoded
    return True


def _after_credentials(rest: str) -> tuple[str, str]:
    tail = rest.rpartition("@")[2]
    end = re.search(r"[/?#]", tail)
    cut = end.start() if end else len(tail)
    return tail[:cut], tail[cut:]


def _is_host(authority: str) -> bool:
    """Whether it can be `host` or `host:port`, rather than the beginning of `user:password@`."""
    return re.fullmatch(r"(\[[^\]]*\]|[^:]*)(:\d*)?", authority) is not None


def _is_soundcloud(authority: str) -> bool:
    host = authority.partition(":")[0].lower()
    return host == "soundcloud.com" or host.endswith(".soundcloud.com")
