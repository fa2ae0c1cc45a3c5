"""Links, whatever they are: the canonical one is its own, and what does not matter changes nothing."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from tracksync.errors import Unsupported
from tracksync.sources.links import Link, classify, looks_like_link

_words = st.text(string.ascii_letters + string.digits + " -._~é曲%&=+/", min_size=1, max_size=12)
_hosts = st.sampled_from([
    "host.example", "HOST.example:443", "www.youtube.com", "m.soundcloud.com", "youtu.be", "a.bandcamp.com",
    "müsic.example", "open.spotify.com", "user:pw@host.example:8443", "127.0.0.1:9", "w.soundcloud.com",
])  # fmt: skip
_pairs = st.lists(st.tuples(st.sampled_from(["v", "id", "list", "url", "x y", "u", "token"]), _words), max_size=4)
_links = st.builds(
    lambda host, path, pairs, fragment: (
        f"https://{host}/{path}?{'&'.join(f'{name}={value}' for name, value in pairs)}{fragment}"
    ),
    _hosts,
    st.text(string.ascii_letters + string.digits + "-._~é曲/% ", max_size=30),
    _pairs,
    st.sampled_from(["", "#t=1", "#!/x"]),
)
_trackers = st.lists(
    st.sampled_from(["utm_source=a", "utm_campaign=b%20c", "fbclid=d", "gclid=e", "igshid=f", "UTM_MEDIUM=g"]),
    min_size=1,
)


def _identity(link: Link) -> tuple[object, ...]:
    return link.service, link.canonical, link.key, link.is_list


@given(_links)
def test_the_canonical_link_is_its_own_canonical_link(text: str) -> None:
    first = classify(text)
    again = classify(first.canonical)
    assert _identity(again) == _identity(first)


@given(_links)
def test_what_is_fetched_is_the_same_track(text: str) -> None:
    first = classify(text)
    assert _identity(classify(first.origin)) == _identity(first)


@given(_links.filter(lambda text: "#" not in text and text == text.strip()), _trackers)
def test_tracking_parameters_change_nothing(text: str, trackers: list[str]) -> None:
    assert _identity(classify("&".join([text, *trackers]))) == _identity(classify(text))


@given(st.sampled_from(["https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://soundcloud.com/user/slug?x=1"]),
       st.lists(st.sampled_from(["si=a", "feature=b", "ref=c", "in=a/sets/b", "context=x"]), min_size=1))  # fmt: skip
def test_the_services_own_tracking_changes_nothing_either(text: str, trackers: list[str]) -> None:
    assert _identity(classify("&".join([text, *trackers]))) == _identity(classify(text))


@given(st.permutations(["a=1", "b=2", "c=3"]))
def test_the_order_of_parameters_does_not_matter(pieces: list[str]) -> None:
    assert classify(f"https://host.example/x?{'&'.join(pieces)}").canonical == "https://host.example/x?a=1&b=2&c=3"


@given(st.text(max_size=60))
def test_any_text_is_classified_or_refused(text: str) -> None:
    looks_like_link(text)
    for candidate in (text, f"https://{text}", f"https://host.example/{text}", f"spotify:{text}"):
        try:
            found = classify(candidate)
        except Unsupported:
            continue
        assert _identity(classify(found.canonical)) == _identity(found)
