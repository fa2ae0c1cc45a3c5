"""The source `soundcloud-likes`: what the profile in SOUNDCLOUD_PROFILE likes, newest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from tracksync.errors import Misconfigured, NotFound, Unsupported
from tracksync.model import Facts, Track
from tracksync.sources.detected import Detected
from tracksync.sources.secrets import redact
from tracksync.text import normal_isrc

if TYPE_CHECKING:
    import threading

    from tracksync.settings import Settings
    from tracksync.sources.ytdlp.listing import Found

__all__ = ["SOURCE", "likes", "likes_link"]

SOURCE = "soundcloud-likes"
_DEADLINE_S = 20.0
"""Without a new track for so long it is given up: with the longest wait for a single answer on top, within thirty
seconds. A list of thousands may take longer, as long as it goes on."""
_HELP = "Set SOUNDCLOUD_PROFILE to your profile's name, as it stands in the address of your profile."
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_OWN_PAGES = frozenset({"you", "discover", "search", "stream", "charts", "upload", "settings", "messages", "people"})


def likes_link(profile: str | None) -> str:
    """`https://soundcloud.com/<user>/likes` of a name, an @name, or any link to the profile or to one of its pages.

    A short link is opened, which asks the network.

    Raises:
        Misconfigured: no profile is set, or it is none.
        Unreachable: a short link can't be opened now.
    """
    from tracksync.sources.links import classify, looks_like_link
    from tracksync.sources.short import is_short, resolve_short

    text = (profile or "").strip()
    if not text:
        raise Misconfigured("SOUNDCLOUD_PROFILE is not set: nobody's likes can be read.", action=_HELP)
    wrong = Misconfigured(f"SOUNDCLOUD_PROFILE names no profile of SoundCloud's: {redact(text)!r}.", action=_HELP)
    name = text.removeprefix("@").strip("/")
    if looks_like_link(text):
        try:
            link = classify(text)
            if is_short(link.canonical):
                link = classify(resolve_short(link.canonical) or "")
        except Unsupported:
            raise wrong from None
        found = re.fullmatch(r"https://soundcloud\.com/([^/?]+)(?:/[^?]*)?", link.canonical)
        if link.service != "soundcloud" or link.is_list is False or found is None:
            raise wrong
        name = found[1].removeprefix("@")
    elif (parts := name.split("/"))[1:] in ([], ["likes"]):
        name = parts[0]
    if not _NAME.fullmatch(name) or name.lower() in _OWN_PAGES:
        raise wrong
    return f"https://soundcloud.com/{name}/likes"


def likes(
    settings: Settings, cancel: threading.Event | None = None, note: Callable[[str], None] = lambda _: None
) -> Generator[Detected, None, None]:
    """The liked tracks, newest first, read page by page as they are taken: who stops early asks for no more pages.

    What is offered only as a preview, is protected or blocked here is a track all the same: what is liked is wanted,
    and its audio is looked for elsewhere. Holes and sets are passed over, and at the end, or where the reading stops,
    `note` is told how many. No track at all means that nothing is liked.

    Raises:
        Misconfigured: SOUNDCLOUD_PROFILE is not set, or names nobody; curl_cffi is missing.
        LoginNeeded: SoundCloud does not accept SC_AUTH_HEADER.
        Unreachable, RateLimited, Refused, Interrupted: the list can't be read (further) now.
    """
    from tracksync.sources.links import classify
    from tracksync.sources.ytdlp.listing import each_track
    from tracksync.sources.ytdlp.options import YtdlpOptions

    address = likes_link(settings.soundcloud_profile)
    options = YtdlpOptions.for_asking(settings)
    entries = each_track(classify(address), options, cancel, shown=address, deadline_seconds=_DEADLINE_S)
    others = 0
    try:
        for found in entries:
            if found is None:
                others += 1
            else:
                yield _detected(found)
    except NotFound:
        name = address.split("/")[3]
        raise Misconfigured(f"SoundCloud knows no profile {name}, or it shows no likes.", action=_HELP) from None
    finally:
        entries.close()
        if others:
            told = "1 entry is a set or gone, and is" if others == 1 else f"{others} entries are sets or gone, and are"
            note(f"{address}: {told} passed over.")


def _detected(found: Found) -> Detected:
    shown = redact(found.url)
    track = Track(
        key=found.key,
        source=SOURCE,
        origin=found.url,
        facts=Facts(title=found.title or shown, artists=found.artists, isrc=found.isrc, link=shown),
        duration_s=found.duration_s,
    )
    label = track.facts.display if found.title else shown
    names = [("link", found.link.canonical)]
    if isrc := normal_isrc(found.isrc):
        names.append(("isrc", isrc))
    return Detected(label, found.key, track=track, source=SOURCE, identities=tuple(names))
