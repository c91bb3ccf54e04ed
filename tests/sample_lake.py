"""A lake of toy tables with a landing folder, to run and to look into."""

from __future__ import annotations

from sample_tables import CATALOG, daily, drop, feed, rows_of

from shoplake.engine.state.state_store import StateStore
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.pipeline.planner import RunSelection
from shoplake.pipeline.runner import PipelineRun
from shoplake.settings import Settings


class House:
    """A lake of toy tables and its landing folder."""

    def __init__(self, spark, folder):
        self.landing, self.engine = folder / "landing", DeltaEngine(spark, str(folder / "lake"))
        self.landing.mkdir()
        self.state = StateStore(str(folder / "lake"))
        self.settings = Settings(str(folder / "lake"), (feed(self.landing),))

    def run(self, watcher=None, **scope):
        made = PipelineRun(self.engine, CATALOG, self.state, self.settings, watcher, RunSelection(**scope))
        return made.execute()

    def wrote(self, **scope):
        return [step.table for step in self.run(**scope).tables]

    def drop(self, name, *said):
        drop(self.landing / f"{name}.json", *said)

    def days(self):
        return {str(day): (pieces, things) for day, pieces, things in self.rows(daily, "day", "pieces", "things")}

    def rows(self, table, *names):
        return rows_of(self.engine, table, *names)

    def versions(self):
        return {name: self.engine.version(table) for name, table in CATALOG.items()}
