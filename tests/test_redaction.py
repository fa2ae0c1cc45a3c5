"""Links and messages as they may be shown: no password, token or signature survives."""

from __future__ import annotations

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracksync.sources.secrets import is_secret_name, redact, redact_text


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://host.example/a.mp3", "https://host.example/a.mp3"),
        ("https://user:pw@host.example/a.mp3", "https://host.example/a.mp3"),
        ("https://user@host.example:8443/a.mp3", "https://host.example:8443/a.mp3"),
        ("https://us@er:p@w@host.example/a.mp3", "https://host.example/a.mp3"),
        ("https://user:p/w?x#y@host.example/a.mp3", "https://host.example/a.mp3"),
        ("socks5://user:pw@proxy.example:1080", "socks5://proxy.example:1080"),
        ("postgresql+psycopg://user:pw@host/db", "postgresql+psycopg://host/db"),
        ("https://host.example/a?token=abc&v=1", "https://host.example/a?token=…&v=1"),
        ("https://host.example/a?v=1&access_token=abc#x", "https://host.example/a?v=1&access_token=…#x"),
        ("https://host.example/a#access_token=abc&x=1", "https://host.example/a#access_token=…&x=1"),
        ("https://host.example/a?Signature=a%2Bb&Expires=1&Key-Pair-Id=K&Policy=e",
         "https://host.example/a?Signature=…&Expires=…&Key-Pair-Id=…&Policy=…"),
        ("https://host.example/a?X-Amz-Credential=a/b&X-Amz-Signature=c&versionId=d",
         "https://host.example/a?X-Amz-Credential=…&X-Amz-Signature=…&versionId=d"),
        ("https://host.example/a;session_id=abc?x=1", "https://host.example/a;session_id=…?x=1"),
        ("https://host.example/a?x=1;API-Key=abc", "https://host.example/a?x=1;API-Key=…"),
        ("https://host.example/a?%74oken=abc", "https://host.example/a?%74oken=…"),
        ("https://host.example/a?password=", "https://host.example/a?password="),
        ("https://host.example/a?author=x&design=y&keyword=z", "https://host.example/a?author=x&design=y&keyword=z"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://soundcloud.com/user/slug/s-AbCdEf12", "https://soundcloud.com/user/slug/s-…"),
        ("https://host.example/user/s-AbCdEf12", "https://host.example/user/s-AbCdEf12"),
        ("https://host.example/a?url=https%3A%2F%2Fother.example%2F%3Ftoken%3Dabc", "https://host.example/a?url=…"),
        ("https://host.example/a?url=https%253A%252F%252Fu%253Apw%2540other.example", "https://host.example/a?url=…"),
        ("https://host.example/a?url=https%3A%2F%2Fother.example%2Fx", "https://host.example/a?url=https%3A%2F%2Fother.example%2Fx"),
        ("https://cache.example/https://user:pw@host.example/a", "https://cache.example/https://host.example/a"),
        ("http://host.example/@user/x@y", "http://host.example/@user/x@y"),
        ("http://[::1]:80/a?sig=x", "http://[::1]:80/a?sig=…"),
        ("youtu.be/x?token=abc", "youtu.be/x?token=…"),
        ("spotify:track:4uLU6hMCjMI75M1A2tKUQC", "spotify:track:4uLU6hMCjMI75M1A2tKUQC"),
        ("/music/key=Am/a.mp3", "/music/key=Am/a.mp3"),
        ("C:\\Music\\a.mp3", "C:\\Music\\a.mp3"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_link_is_shown_without_its_secrets(link: str, shown: str) -> None:
    assert redact(link) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nothing to hide: a=1, b", "nothing to hide: a=1, b"),
        ("GET /a.mp3?token=abc failed", "GET /a.mp3?token=… failed"),
        ("Unsupported URL: https://u:pw@host.example/a", "Unsupported URL: https://host.example/a"),
        ("Authorization: OAuth 2-123-abc", "Authorization: …"),
        ("'Authorization': 'Basic dTpw', 'Accept': 'x'", "'Authorization': …"),
        ("Proxy-Authorization: Basic dTpw\nnext line", "Proxy-Authorization: …\nnext line"),
        ("sent Bearer abc.def.ghi to it", "sent Bearer … to it"),
        ("Set-Cookie: sid=abc; path=/", "Set-Cookie: …"),
        ('{"access_token": "a\\"b", "x": "y"}', '{"access_token": "…", "x": "y"}'),
        ("client_secret='a b' x=1", "client_secret=… x=1"),
    ],
)
def test_a_message_is_shown_without_its_secrets(text: str, shown: str) -> None:
    assert redact_text(text) == shown


_secrets = st.text(string.ascii_letters + string.digits + "-._~", min_size=8, max_size=30).map(lambda text: f"Zq{text}")
_names = st.sampled_from([
    "token", "access_token", "accessToken", "sig", "signature", "Signature", "key", "apikey", "api_key", "auth",
    "password", "pwd", "secret", "client_secret", "session", "X-Amz-Signature", "X-Amz-Security-Token",
    "X-Goog-Signature", "Policy", "Key-Pair-Id", "hdnts", "secret_token", "oauth_token", "jwt",
    "PHPSESSIONID", "refresh%5Ftoken",
])  # fmt: skip
_harmless = st.lists(st.sampled_from(["v=1", "id=2", "x", "q=a%20b"]), max_size=3)


@st.composite
def _secret_links(draw: st.DrawFn) -> tuple[str, str]:
    secret = draw(_secrets)
    place = draw(st.sampled_from(["query", "fragment", "password", "user", "inner", "inner twice", "soundcloud"]))
    pair = f"{draw(_names)}={secret}"
    pieces = [*draw(_harmless), pair, *draw(_harmless)]
    query = draw(st.sampled_from(["&", ";"])).join(pieces)
    scheme = draw(st.sampled_from(["https", "HTTP", "socks5", "ws"]))
    inner = f"https://u:{secret}@other.example/x?{query}"
    return secret, {
        "query": f"{scheme}://host.example/a.mp3?{query}",
        "fragment": f"{scheme}://host.example/a.mp3?x=1#{query}",
        "password": f"{scheme}://user:{secret}@host.example:80/a.mp3?v=1",
        "user": f"{scheme}://{secret}@host.example/a.mp3",
        "inner": f"{scheme}://host.example/a?v=1&to={quote(inner, safe='')}&x=1",
        "inner twice": f"{scheme}://host.example/a?to={quote(quote(inner, safe=''), safe='')}",
        "soundcloud": f"https://soundcloud.com/user/slug/s-{secret.translate(str.maketrans('', '', '-._~'))}",
    }[place]


@given(_secret_links())
def test_no_secret_survives_in_a_link(case: tuple[str, str]) -> None:
    secret, link = case
    shown = redact(link)
    assert secret not in shown
    assert secret.translate(str.maketrans("", "", "-._~")) not in shown
    assert redact(shown) == shown


@given(
    _secret_links(), st.sampled_from(["{}", "ERROR: {}", "({})", "'{}'", "<{}>.", "a {}, b", "url: {}\n", "[x] {}: y"])
)
def test_no_secret_survives_in_a_message(case: tuple[str, str], frame: str) -> None:
    secret, link = case
    assert secret not in redact_text(frame.format(link))


@given(
    _secrets,
    st.sampled_from([
        "Authorization: {}", "authorization: Bearer {}", "-H 'Authorization: OAuth {}'", "Bearer {}", "OAuth {}",
        "Cookie: a=b; sid={}", "{{'access_token': '{}'}}", '{{"refresh_token":"{}"}}', "token={}", "password='{}'",
    ]),
)  # fmt: skip
def test_no_credential_survives_in_a_message(secret: str, frame: str) -> None:
    assert secret not in redact_text(f"before {frame.format(secret)} after")


@given(st.text(max_size=80))
def test_redaction_never_fails(text: str) -> None:
    redact(text)
    redact(f"https://{text}")
    redact_text(text)


def test_names_of_secrets() -> None:
    assert all(is_secret_name(name) for name in ("Access-Token", "API_KEY", "sig", "lsig", "X-Amz-Date", "%74oken"))
    assert not any(is_secret_name(name) for name in ("v", "id", "author", "keyword", "design", "list", "page"))
