"""How often Eagle is asked whether N tracks are in it: `python -m benchmarks.eagle`.

Against a loopback Eagle whose library has 30,000 items, over HTTP with the real client; half of the tracks are in it,
in turn by a link in another spelling and by their key. Requests are counted where they arrive: the list is read once a
run, a thousand items a request, then it is one to three a track. The seconds are of this machine, and most of them are
the stand-in's own, which looks at every item for every question.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import monotonic

from tests.sandbox.eagle import LoopbackEagle
from tests.sandbox.eagle.fixtures import eagle_settings
from tracksync.journal import Journal
from tracksync.library.eagle.house import EagleHouse
from tracksync.library.eagle.looking import Hints, Looking
from tracksync.library.eagle.wanted import Wanted

_ITEMS = 30_000
_LOOKUPS = (1, 5, 100)


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="tracksync-bench-") as folder:
        home = Path(folder)
        print(f"{_ITEMS:,} items\n")
        print(f"{'lookups':>8}  {'API':>3}  {'requests':>8}  {'a lookup':>8}  {'seconds':>7}")
        for version in (1, 2):
            with (
                LoopbackEagle(home / f"v{version}", version=version) as eagle,
                Journal.open(f"sqlite:///{home / f'{version}.db'}") as journal,
            ):
                _fill(eagle)
                for number in _LOOKUPS:
                    _ask(eagle, journal, home, number, version)
    return 0


def _fill(eagle: LoopbackEagle) -> None:
    for number in range(_ITEMS):
        eagle.library.add(
            on_disk=False,
            name=f"Artist {number % 700} - Title {number}",
            url=f"{_link(number)}?utm_source=clipboard" if number % 2 else "",
            tags=["House", f"BPM{100 + number % 60}", *([] if number % 2 else [_key(number)])],
            size=60_000_000,
        )


def _key(number: int) -> str:
    return f"soundcloud:track:{number}"


def _link(number: int) -> str:
    return f"https://soundcloud.com/artist-{number % 700}/title-{number}"


def _ask(eagle: LoopbackEagle, journal: Journal, home: Path, number: int, version: int) -> None:
    """Look for so many tracks, every second one of which is there."""
    eagle.clear()
    house = EagleHouse(eagle_settings(eagle, home / "state"), journal)
    looking = Looking(house)
    begun = monotonic()
    library = house.library()
    found = 0
    for index in range(number):
        track = index * 97 + (index // 2 + 1) % 2 if index % 2 == 0 else _ITEMS + index
        wanted = Wanted(_key(track), f"Artist - Title {track}", _link(track), (_key(track),), (), "WAV")
        found += looking.find(wanted, Hints(links=(_link(track),)), None, library).item is not None
    ended = monotonic()
    house.close()
    if found != (number + 1) // 2:
        sys.exit(f"{found} of {(number + 1) // 2} were found: the figures mean nothing")
    asked = eagle.count()
    print(f"{number:>8}  {version:>3}  {asked:>8}  {asked / number:>8.1f}  {ended - begun:>7.2f}")


if __name__ == "__main__":
    sys.exit(main())
