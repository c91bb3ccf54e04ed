"""A shop's own project: kinds, tables and rules beside its `shoplake.toml`, or in installed packages."""

from shoplake.project.event_names import admit_events
from shoplake.project.mapping_check import check_mappings
from shoplake.project.project import Project, load_project

__all__ = ["Project", "admit_events", "check_mappings", "load_project"]
