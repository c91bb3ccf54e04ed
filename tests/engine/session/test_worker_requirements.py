import subprocess
import sys
from importlib.metadata import packages_distributions

from shoplake.engine.session.worker_requirements import MODULES, missing_packages

OPTIONAL = {"cloudpickle", "ua_parser_rs", "yaml"}
"""Used where they are installed."""
LOADED = """
import sys
import shoplake.engine.ingest.record_reader, shoplake.transforms.scd2, shoplake.columns.user_agent
import shoplake.tables.silver.categories
print(*{name.split(".")[0] for name in sys.modules})
"""


def test_what_is_missing_is_named_as_it_is_installed(monkeypatch):
    assert missing_packages() == ""
    monkeypatch.setitem(sys.modules, "ua_parser", None)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert missing_packages() == "numpy ua-parser"


def test_everything_that_the_engines_python_loads_for_us_is_looked_for():
    output = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    packaged = set(output.split()) & set(packages_distributions())
    assert packaged - {"pyspark", "shoplake"} - OPTIONAL <= set(MODULES)
