"""The write modes: one strategy each, looked up by the mode's value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.declare import Append, OnDemand, Replace, ReplaceDocuments, Scd2, SessionWindow, Upsert
from shoplake.engine.write.modes.append import AppendStrategy
from shoplake.engine.write.modes.documents import ReplaceDocumentsStrategy
from shoplake.engine.write.modes.on_demand import OnDemandStrategy
from shoplake.engine.write.modes.overwrite import ReplaceStrategy
from shoplake.engine.write.modes.scd2 import Scd2Strategy
from shoplake.engine.write.modes.session_window import SessionWindowStrategy
from shoplake.engine.write.modes.upsert import UpsertStrategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.engine.write.modes.strategy import WriteStrategy

STRATEGIES: Mapping[type, WriteStrategy] = {
    Append: AppendStrategy(),
    Upsert: UpsertStrategy(),
    ReplaceDocuments: ReplaceDocumentsStrategy(),
    Replace: ReplaceStrategy(),
    SessionWindow: SessionWindowStrategy(),
    Scd2: Scd2Strategy(),
    OnDemand: OnDemandStrategy(),
}
"""The only place that maps a mode to its strategy."""
