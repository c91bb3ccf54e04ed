"""The public API of a lake."""

from shoplake.lake.lake import Lake as Lake
from shoplake.lake.open_lake import EVENTS_LIVE as EVENTS_LIVE
