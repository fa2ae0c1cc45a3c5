"""Eagle's stand-in on the loopback: both versions of its API, its quirks, its library on disk, and faults on demand."""

from tests.sandbox.eagle.api import Api
from tests.sandbox.eagle.faults import Fault, Html, LostAnswer, Quits, Reset, Slow, Status, Switches
from tests.sandbox.eagle.library import StandInLibrary
from tests.sandbox.eagle.server import LoopbackEagle

__all__ = [
    "Api", "Fault", "Html", "LoopbackEagle", "LostAnswer", "Quits", "Reset", "Slow", "StandInLibrary",
    "Status", "Switches",
]  # fmt: skip
