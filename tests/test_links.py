"""Links: whose they are, which track they name, whether they are lists; the same track has one canonical link."""

from __future__ import annotations

import pytest

from tracksync.errors import Unsupported
from tracksync.sources.links import classify, looks_like_link, url_key

VIDEO = "dQw4w9WgXcQ"
WATCH = f"https://www.youtube.com/watch?v={VIDEO}"
SPOTIFY = "4uLU6hMCjMI75M1A2tKUQC"


@pytest.mark.parametrize(
    "link",
    [
        f"https://www.youtube.com/watch?v={VIDEO}",
        f"http://www.youtube.com/watch?v={VIDEO}",
        f"https://youtube.com/watch?v={VIDEO}",
        f"https://m.youtube.com/watch?v={VIDEO}",
        f"https://music.youtube.com/watch?v={VIDEO}",
        f"HTTPS://WWW.YouTube.COM/watch?v={VIDEO}",
        f"https://www.youtube.com:443/watch?v={VIDEO}",
        f"https://www.youtube.com./watch?v={VIDEO}",
        f"https://www.youtube.com/watch?feature=share&v={VIDEO}",
        f"https://www.youtube.com/watch?v={VIDEO}&t=42s",
        f"https://www.youtube.com/watch?v={VIDEO}&list=PL1234567890",
        f"https://www.youtube.com/watch?list=RD{VIDEO}&v={VIDEO}&index=3&start_radio=1",
        f"https://music.youtube.com/watch?v={VIDEO}&list=RDAMVM{VIDEO}",
        f"https://www.youtube.com/watch?v={VIDEO}&utm_source=x&si=abc&pp=ygU",
        f"https://www.youtube.com/watch?v={VIDEO}#t=10",
        f"https://www.youtube.com/watch?v={VIDEO}?si=abc",
        f"https://www.youtube.com/watch/{VIDEO}",
        f"https://www.youtube.com/?v={VIDEO}",
        f"https://youtu.be/{VIDEO}",
        f"https://youtu.be/{VIDEO}?si=HkVq8cW",
        f"https://youtu.be/{VIDEO}?list=PL1234567890&t=3",
        f"https://youtu.be/{VIDEO}/",
        f"https://youtu.be/watch?v={VIDEO}",
        f"youtu.be/{VIDEO}",
        f"www.youtube.com/watch?v={VIDEO}",
        f"https://www.youtube.com/shorts/{VIDEO}",
        f"https://www.youtube.com/shorts/{VIDEO}?feature=share",
        f"https://www.youtube.com/embed/{VIDEO}?autoplay=1",
        f"https://www.youtube.com/live/{VIDEO}?si=x",
        f"https://www.youtube.com/v/{VIDEO}",
        f"https://www.youtube-nocookie.com/embed/{VIDEO}",
        f"https://youtube-nocookie.com/embed/{VIDEO}",
        f"https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3D{VIDEO}%26feature%3Dshare",
        f"https://www.youtube.com/redirect?q=https%3A%2F%2Fyoutu.be%2F{VIDEO}",
        f"  https://youtu.be/{VIDEO}\n",
    ],
)
def test_a_youtube_video_has_one_canonical_link(link: str) -> None:
    found = classify(link)
    assert (found.service, found.canonical, found.key, found.is_list) == (
        "youtube",
        WATCH,
        f"youtube:video:{VIDEO}",
        False,
    )
    assert found.origin == WATCH
    assert found.text == link.strip()


def test_two_youtube_videos_are_two() -> None:
    assert classify("https://www.youtube.com/watch?v=aaaaaaaaaaa").key != classify("https://youtu.be/aaaaaaaaaab").key
    assert classify("https://youtu.be/AAAAAAAAAAA").key != classify("https://youtu.be/aaaaaaaaaaa").key


@pytest.mark.parametrize(
    ("link", "canonical", "is_list"),
    [
        ("https://www.youtube.com/playlist?list=PL12_-ab", "https://www.youtube.com/playlist?list=PL12_-ab", True),
        (
            "https://music.youtube.com/playlist?list=OLAK5uy_x&si=1",
            "https://www.youtube.com/playlist?list=OLAK5uy_x",
            True,
        ),
        ("https://www.youtube.com/watch?list=PL12", "https://www.youtube.com/playlist?list=PL12", True),
        ("https://www.youtube.com/embed/videoseries?list=PL12", "https://www.youtube.com/playlist?list=PL12", True),
        ("https://youtube.com/@Some.One/videos", "https://www.youtube.com/@Some.One/videos", True),
        ("https://www.youtube.com/channel/UCabc", "https://www.youtube.com/channel/UCabc", True),
        ("https://music.youtube.com/browse/MPREb_x", "https://music.youtube.com/browse/MPREb_x", True),
        (
            "https://www.youtube.com/results?search_query=one+more%20time&sp=x",
            "https://www.youtube.com/results?search_query=one%2Bmore%20time",
            True,
        ),
        ("https://www.youtube.com/clip/Ugkx", "https://www.youtube.com/clip/Ugkx", None),
        ("https://www.youtube.com/watch?v=short", "https://www.youtube.com/watch?v=short", False),
        ("https://www.youtube.com/", "https://www.youtube.com/", None),
    ],
)
def test_other_youtube_pages(link: str, canonical: str, is_list: bool | None) -> None:
    found = classify(link)
    assert (found.service, found.canonical, found.key, found.is_list) == ("youtube", canonical, None, is_list)


@pytest.mark.parametrize(
    ("link", "canonical", "key", "is_list"),
    [
        ("https://soundcloud.com/user/slug", "https://soundcloud.com/user/slug", None, False),
        ("http://www.soundcloud.com/user/slug/", "https://soundcloud.com/user/slug", None, False),
        ("https://m.soundcloud.com/user/slug?in=a/sets/b&si=c", "https://soundcloud.com/user/slug", None, False),
        ("soundcloud.com/user/slug", "https://soundcloud.com/user/slug", None, False),
        (
            "https://soundcloud.com/user/slug?utm_source=clipboard&utm_medium=text&utm_campaign=social_sharing",
            "https://soundcloud.com/user/slug",
            None,
            False,
        ),
        ("https://soundcloud.com/user/slug#t=0:30", "https://soundcloud.com/user/slug", None, False),
        ("https://soundcloud.com/user/slug/s-AbC12?si=x", "https://soundcloud.com/user/slug/s-AbC12", None, False),
        (
            "https://soundcloud.com/user/slug?secret_token=s-AbC12",
            "https://soundcloud.com/user/slug/s-AbC12",
            None,
            False,
        ),
        ("https://soundcloud.com/user/sets/name", "https://soundcloud.com/user/sets/name", None, True),
        ("https://soundcloud.com/user/sets/name/s-AbC12", "https://soundcloud.com/user/sets/name/s-AbC12", None, True),
        ("https://soundcloud.com/user/likes", "https://soundcloud.com/user/likes", None, True),
        ("https://soundcloud.com/user/tracks", "https://soundcloud.com/user/tracks", None, True),
        ("https://soundcloud.com/user", "https://soundcloud.com/user", None, True),
        ("https://soundcloud.com/you/likes", "https://soundcloud.com/you/likes", None, True),
        ("https://soundcloud.com/discover/sets/weekly", "https://soundcloud.com/discover/sets/weekly", None, True),
        ("https://soundcloud.com/user/slug/recommended", "https://soundcloud.com/user/slug/recommended", None, True),
        ("https://soundcloud.com/search?q=a%20b", "https://soundcloud.com/search?q=a%20b", None, True),
        ("https://on.soundcloud.com/AbCdE", "https://on.soundcloud.com/AbCdE", None, None),
        (
            "https://api.soundcloud.com/tracks/123",
            "https://api.soundcloud.com/tracks/123",
            "soundcloud:track:123",
            False,
        ),
        (
            "https://api-v2.soundcloud.com/tracks/soundcloud%3Atracks%3A123",
            "https://api.soundcloud.com/tracks/123",
            "soundcloud:track:123",
            False,
        ),
        ("https://api.soundcloud.com/playlists/9", "https://api.soundcloud.com/playlists/9", None, True),
        (
            "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/123&color=red&secret_token=s-x1",
            "https://api.soundcloud.com/tracks/123?secret_token=s-x1",
            "soundcloud:track:123",
            False,
        ),
    ],
)
def test_soundcloud(link: str, canonical: str, key: str | None, is_list: bool | None) -> None:
    found = classify(link)
    assert (found.service, found.canonical, found.key, found.is_list) == ("soundcloud", canonical, key, is_list)


@pytest.mark.parametrize(
    ("link", "path", "is_list"),
    [
        (f"https://open.spotify.com/track/{SPOTIFY}", f"track/{SPOTIFY}", False),
        (f"https://open.spotify.com/track/{SPOTIFY}?si=0123&context=spotify%3Aplaylist%3Ax", f"track/{SPOTIFY}", False),
        (f"https://open.spotify.com/intl-de/track/{SPOTIFY}", f"track/{SPOTIFY}", False),
        (f"https://open.spotify.com/intl-pt-br/embed/track/{SPOTIFY}", f"track/{SPOTIFY}", False),
        (f"http://play.spotify.com/track/{SPOTIFY}", f"track/{SPOTIFY}", False),
        (f"open.spotify.com/track/{SPOTIFY}", f"track/{SPOTIFY}", False),
        (f"spotify:track:{SPOTIFY}", f"track/{SPOTIFY}", False),
        (f"spotify:track:{SPOTIFY}?si=1", f"track/{SPOTIFY}", False),
        (f"spotify:album:{SPOTIFY}", f"album/{SPOTIFY}", True),
        (f"spotify:user:some.one:playlist:{SPOTIFY}", f"playlist/{SPOTIFY}", True),
        (f"https://open.spotify.com/user/some.one/playlist/{SPOTIFY}", f"playlist/{SPOTIFY}", True),
        (f"https://open.spotify.com/album/{SPOTIFY}", f"album/{SPOTIFY}", True),
        (f"https://open.spotify.com/episode/{SPOTIFY}", f"episode/{SPOTIFY}", False),
        ("https://open.spotify.com/collection/tracks", "collection/tracks", True),
    ],
)
def test_spotify(link: str, path: str, is_list: bool) -> None:
    found = classify(link)
    key = f"spotify:track:{SPOTIFY}" if path.startswith("track/") else None
    assert (found.service, found.canonical, found.key, found.is_list) == (
        "spotify",
        f"https://open.spotify.com/{path}",
        key,
        is_list,
    )


def test_an_id_that_is_none_of_spotifys_is_a_link_all_the_same() -> None:
    assert looks_like_link("spotify:track:xyz")
    found = classify("spotify:track:xyz")
    assert (found.service, found.canonical, found.key) == ("spotify", "https://open.spotify.com/track/xyz", None)


def test_spotify_short_links_are_known_as_spotifys() -> None:
    assert classify("https://spotify.link/abc").service == "spotify"
    assert classify("https://spotify.link/abc").key is None


@pytest.mark.parametrize(
    ("link", "canonical", "is_list"),
    [
        ("https://some.bandcamp.com/track/one?from=search&search_sig=1", "https://some.bandcamp.com/track/one", False),
        ("http://SOME.bandcamp.com/track/one", "https://some.bandcamp.com/track/one", False),
        ("https://some.bandcamp.com/album/two", "https://some.bandcamp.com/album/two", True),
        ("https://some.bandcamp.com", "https://some.bandcamp.com/", True),
        ("https://bandcamp.com/discover", "https://bandcamp.com/discover", None),
    ],
)
def test_bandcamp(link: str, canonical: str, is_list: bool | None) -> None:
    found = classify(link)
    key = url_key(canonical) if is_list is False else None
    assert (found.service, found.canonical, found.key, found.is_list) == ("bandcamp", canonical, key, is_list)


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("https://host.example/Some%20Track.mp3", "https://host.example/Some%20Track.mp3"),
        ("https://host.example/Some Track.mp3", "https://host.example/Some%20Track.mp3"),
        ("https://Host.Example/CASE.mp3", "https://host.example/CASE.mp3"),
        ("https://host.example:443/a.mp3", "https://host.example/a.mp3"),
        ("http://host.example:80/a.mp3", "http://host.example/a.mp3"),
        ("http://host.example:8080/a.mp3", "http://host.example:8080/a.mp3"),
        ("http://host.example:/a.mp3", "http://host.example/a.mp3"),
        ("https://host.example", "https://host.example/"),
        ("https://host.example/a.mp3#t=20", "https://host.example/a.mp3"),
        ("https://host.example/#!/track/7", "https://host.example/#!/track/7"),
        ("https://host.example/#/track/7", "https://host.example/#/track/7"),
        ("https://host.example/a?v=2&id=1&utm_source=x&fbclid=y&gclid=z", "https://host.example/a?id=1&v=2"),
        ("https://host.example/a?ref=main&in=x", "https://host.example/a?in=x&ref=main"),
        ("https://host.example/a?b=2&a=1&b=1", "https://host.example/a?a=1&b=2&b=1"),
        ("https://host.example/a?flag&x=", "https://host.example/a?flag&x="),
        ("https://host.example/a?", "https://host.example/a"),
        ("https://host.example/a/./b/../c.mp3", "https://host.example/a/c.mp3"),
        ("https://host.example/%7euser/%c3%a9.mp3", "https://host.example/~user/%C3%A9.mp3"),
        ("https://host.example/é.mp3", "https://host.example/%C3%A9.mp3"),
        ("https://host.example/a%2Fb.mp3", "https://host.example/a%2Fb.mp3"),
        ("https://host.example/100%.mp3", "https://host.example/100%25.mp3"),
        ("https://müsic.example/曲.mp3", "https://xn--msic-0ra.example/%E6%9B%B2.mp3"),
        ("https://xn--msic-0ra.example/", "https://xn--msic-0ra.example/"),
        ("https://user:pass@host.example/a.mp3", "https://host.example/a.mp3"),
        ("http://127.0.0.1:8000/a.mp3", "http://127.0.0.1:8000/a.mp3"),
        ("http://[2001:DB8:0::1]:8000/a.mp3", "http://[2001:db8::1]:8000/a.mp3"),
        ("http://localhost/a.mp3", "http://localhost/a.mp3"),
        ("http://under_score.example/a.mp3", "http://under_score.example/a.mp3"),
        ("https://notyoutube.com/watch?v=dQw4w9WgXcQ", "https://notyoutube.com/watch?v=dQw4w9WgXcQ"),
        ("https://youtube.com.evil.example/watch?v=1", "https://youtube.com.evil.example/watch?v=1"),
    ],
)
def test_any_other_host(link: str, canonical: str) -> None:
    found = classify(link)
    assert (found.service, found.canonical, found.key) == ("web", canonical, url_key(canonical))


@pytest.mark.parametrize(
    ("link", "is_list"),
    [
        ("https://host.example/a.mp3", False),
        ("https://host.example/a.FLAC?x=1", False),
        ("https://host.example/a%2Emp3", False),
        ("https://host.example/live.m3u8", False),
        ("https://host.example/page", None),
        ("https://host.example/page.html", None),
        ("https://host.example/get?file=a.mp3", None),
    ],
)
def test_only_a_media_file_is_surely_single(link: str, is_list: bool | None) -> None:
    assert classify(link).is_list is is_list


def test_what_is_fetched_keeps_what_the_identity_drops() -> None:
    link = classify("https://user:p%40ss@host.example/a.mp3?b=1&a=2&utm_source=x&token=t")
    assert link.origin == "https://user:p%40ss@host.example/a.mp3?b=1&a=2&utm_source=x&token=t"
    assert link.canonical == "https://host.example/a.mp3?a=2&b=1&token=t"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("file:///etc/passwd", "file: link"),
        ("FILE:/etc/passwd", "file: link"),
        ("data:audio/mpeg;base64,AAAA", "data: link"),
        ("ftp://host.example/a.mp3", "ftp: link"),
        ("javascript:alert(1)", "javascript: link"),
        ("mailto:a@host.example", "mailto: link"),
        ("rtmp://host.example/a", "rtmp: link"),
        ("magnet:?xt=urn:btih:0", "magnet: link"),
        ("httpss://host.example/a.mp3", "httpss: link"),
        ("spotify://track/x", "spotify: link"),
        ("", "empty"),
        ("   ", "empty"),
        ("some rubbish", "is no link"),
        ("host.example/a.mp3", "is no link"),
        ("//host.example/a.mp3", "is no link"),
        ("/music/a.mp3", "is no link"),
        ("https:", "no host"),
        ("https://", "no valid host"),
        ("https:///a.mp3", "no valid host"),
        ("https:/host.example/a.mp3", "no host"),
        ("https:host.example/a.mp3", "no host"),
        ("https://?v=1", "no valid host"),
        ("https://user@/a.mp3", "no valid host"),
        ("https://:80/a.mp3", "no valid host"),
        ("https://host..example/a.mp3", "no valid host"),
        ("https://-host.example/", "no valid host"),
        ("https://ho st.example/", "no valid host"),
        ("https://host.example\\a.mp3", "no valid host"),
        (f"https://{'a' * 64}.example/", "no valid host"),
        ("https://1.2.3.999/", "no valid host"),
        ("https://[::1/", "no valid host"),
        ("https://[::g]/", "no valid host"),
        ("https://host.example:port/", "no valid host"),
        ("https://host.example:0/", "port"),
        ("https://host.example:65536/", "port"),
        ("https://host.example/a\nb", "control character"),
        ("https://host.example/a\x00b", "control character"),
    ],
)
def test_what_cannot_be_fetched_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(Unsupported) as caught:
        classify(text)
    assert reason in caught.value.message
    assert caught.value.action
    assert "\n" not in caught.value.message


def test_a_refusal_shows_no_secret() -> None:
    with pytest.raises(Unsupported) as caught:
        classify("ftp://user:hunter2@host.example/a?token=hunter3")
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "is_link"),
    [
        ("https://host.example/a.mp3", True),
        ("HTTP://host.example", True),
        ("https:/x", True),
        ("https:x", True),
        ("ftp://host.example/a", True),
        ("file:///a.mp3", True),
        ("mailto:a@b", True),
        ("data:x", True),
        ("anything://x", True),
        (f"spotify:track:{SPOTIFY}", True),
        ("soundcloud.com/user/slug", True),
        ("www.youtube.com/watch?v=x", True),
        ("some.bandcamp.com/track/x", True),
        ("C:\\Music\\a.mp3", False),
        ("c:/Music/a.mp3", False),
        ("/music/a.mp3", False),
        ("./a.mp3", False),
        ("a.mp3", False),
        ("~/Music", False),
        ("Artist: Title.mp3", False),
        ("Mix 12:30.mp3", False),
        ("\\\\server\\share\\a.mp3", False),
        ("//server/share/a.mp3", False),
        ("soundcloud.com.mp3", False),
        ("my youtube.com/x.mp3", False),
        ("", False),
    ],
)
def test_links_are_told_from_paths(text: str, is_link: bool) -> None:
    assert looks_like_link(text) is is_link
