"""A Notion on the loopback: databases, pages, blocks and faults, for the real client."""

from tests.sandbox.notion.databases import Database, StandInPage
from tests.sandbox.notion.faults import Capped, Drops, Fault, Html, Incomplete, Lag, LostAnswer, Reset, Silence, Status
from tests.sandbox.notion.houses import House, standard_house
from tests.sandbox.notion.server import LoopbackNotion

__all__ = [
    "Capped",
    "Database",
    "Drops",
    "Fault",
    "House",
    "Html",
    "Incomplete",
    "Lag",
    "LoopbackNotion",
    "LostAnswer",
    "Reset",
    "Silence",
    "StandInPage",
    "Status",
    "standard_house",
]
