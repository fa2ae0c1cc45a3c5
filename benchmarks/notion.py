"""How often Notion is asked for N candidates: `python -m benchmarks.notion`.

Against a loopback Notion of 10,000 pages, with the real client over TLS; half of the candidates have a page. Requests
are counted where they arrive. "at first" is a journal that knows nothing, "later" one that read the database before, as
every run after the first large one does. The seconds at Notion's rate are the requests over three a second.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from tests.sandbox.notion import House, LoopbackNotion, standard_house
from tests.sandbox.notion.fixtures import notion_catalogue
from tracksync.journal import Journal
from tracksync.model import Facts, Track

_PAGES = 10_000
_CANDIDATES = (5, 100, 2_000)
_A_SECOND = 3.0


def main() -> int:
    """Print the table."""
    with LoopbackNotion() as notion, tempfile.TemporaryDirectory(prefix="tracksync-bench-") as folder:
        for name in ("NO_PROXY", "no_proxy"):
            os.environ.pop(name, None)
        os.environ.update(notion.environment)
        house = standard_house(notion)
        _fill(house)
        print(f"{_PAGES:,} pages; requests, the schema's included\n")
        print(f"{'candidates':>10}  {'':8}  {'requests':>8}  {'per candidate':>13}  {'at 3/s':>7}  {'here':>6}")
        for number in _CANDIDATES:
            for known in (False, True):
                address = f"sqlite:///{Path(folder) / f'{number}-{known}.db'}"
                with Journal.open(address) as journal:
                    if known:
                        catalogue = notion_catalogue(house, journal)
                        catalogue.every_page()
                        catalogue.close()
                    _ask(house, journal, number, "later" if known else "at first")
        with Journal.open(f"sqlite:///{Path(folder) / 'all.db'}") as journal:
            notion.clear()
            begun = monotonic()
            catalogue = notion_catalogue(house, journal)
            read = len(catalogue.every_page())
            catalogue.close()
            count = notion.count()
            print(
                f"\nstatus --all reads {read:,} pages in {count} requests ({count / _A_SECOND:.0f} s at 3/s,", end=" "
            )
            print(f"{monotonic() - begun:.1f} s here)")
    return 0


def _fill(house: House) -> None:
    start = datetime(2019, 1, 1, tzinfo=UTC)
    for number in range(_PAGES):
        house.tracks.add_page(
            {
                "Title": _title(number),
                "Artist Name": f"Artist {number % 700}",
                "ISRC": _isrc(number),
                "SoundCloud URL": _link(number),
                "Audio Duration (seconds)": 180 + number % 240,
                "Downloaded": True,
            },
            created=start + timedelta(hours=6 * number),
        )


def _title(number: int) -> str:
    words = ("Night", "River", "Signal", "Orange", "Motor", "Window", "Paper", "Garden", "Static", "Velvet")
    return " ".join(words[int(digit)] for digit in f"{number:05}"[-3:]) + f" {number}"


def _isrc(number: int) -> str:
    return f"GBAYE{number // 100_000 % 100:02}{number % 100_000:05}"


def _link(number: int) -> str:
    return f"https://soundcloud.com/artist-{number % 700}/track-{number}?utm_source=clipboard"


def _ask(house: House, journal: Journal, number: int, when: str) -> None:
    """Look up so many tracks, every second one of which has a page."""
    step = _PAGES // ((number + 1) // 2)
    tracks = []
    for index in range(number):
        page = index // 2 * step if index % 2 == 0 else _PAGES + index
        facts = Facts(
            title=_title(page), artists=(f"Artist {page % 700}",), isrc=_isrc(page) if index % 4 == 0 else None
        )
        track = Track(
            key=f"soundcloud:track:{10_000_000 + page}", source="soundcloud-likes", origin="likes",
            facts=facts, duration_s=180.0 + page % 240,
        )  # fmt: skip
        journal.ensure(track)
        journal.identify(track.key, "link", _link(page).partition("?")[0])
        tracks.append(track)
    house.notion.clear()
    begun = monotonic()
    catalogue = notion_catalogue(house, journal)
    catalogue.prepare()
    found = catalogue.look_up(tracks)
    catalogue.close()
    took = monotonic() - begun
    wanted = (number + 1) // 2
    if len(found) != wanted:
        sys.exit(f"{len(found)} of {wanted} pages were found: the figures mean nothing")
    count = house.notion.count()
    print(f"{number:>10,}  {when:8}  {count:>8}  {count / number:>13.3f}  {count / _A_SECOND:>5.0f} s  {took:>4.1f} s")


if __name__ == "__main__":
    sys.exit(main())
