"""Packages that our functions need where they run. A server's Python loads this file, so it imports nothing else."""

from __future__ import annotations

from importlib.util import find_spec

MODULES = {
    "numpy": "numpy",
    "obstore": "obstore",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "ua_parser": "ua-parser",
}
"""The modules, and the packages that bring them."""


def missing_packages() -> str:
    """Return the packages that are missing where this runs, as one would install them; nothing if all are there."""
    return " ".join(package for module, package in MODULES.items() if find_spec(module) is None)
