"""A lake of sample tables with a landing folder, to run and to inspect."""

from __future__ import annotations

import shutil

from sample_tables import CATALOG, daily, drop, feed, rows_of

from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.state.folder_ops import COMMIT_INTERVAL_S
from shoplake.engine.state.state_store import StateStore
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.pipeline.planner import RunSelection
from shoplake.pipeline.runner import PipelineRun, plan_run
from shoplake.settings import Settings


class SampleLake:
    """A lake of sample tables and its landing folder."""

    def __init__(self, session, folder, capabilities=SAIL, catalog=CATALOG):
        self.landing, self.catalog = folder / "landing", catalog
        self.engine = DeltaEngine(session, str(folder / "lake"), capabilities)
        self.landing.mkdir(parents=True)
        self.state = StateStore(str(folder / "lake"))
        self.commit_interval_s = COMMIT_INTERVAL_S
        self.settings = Settings(str(folder / "lake"), (feed(self.landing),))

    def copy(self, folder):
        """A lake of the same tables in another folder, with all that this one holds."""
        made = SampleLake(self.engine.session, folder, catalog=self.catalog)
        shutil.copytree(self.landing.parent, folder, dirs_exist_ok=True)
        return made

    def run(self, listener=None, stopped=None, **selection):
        return PipelineRun(
            self.engine,
            self.catalog,
            self.state,
            self.settings,
            listener,
            RunSelection(**selection),
            commit_interval_s=self.commit_interval_s,
            stopped=stopped,
        ).execute()

    def plan(self, **selection):
        return plan_run(self.engine, self.catalog, self.state, self.settings, RunSelection(**selection))

    def wrote(self, **selection):
        return [step.table for step in self.run(**selection).tables]

    def drop(self, name, *output):
        drop(self.landing / f"{name}.json", *output)

    def days(self):
        return {str(day): (pieces, things) for day, pieces, things in self.rows(daily, "day", "pieces", "things")}

    def rows(self, table, *names):
        return rows_of(self.engine, table, *names)

    def versions(self):
        return {name: self.engine.version(table) for name, table in self.catalog.items()}
