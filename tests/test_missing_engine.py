"""What the wheel requires, as its metadata says, and what is told where an engine is missing."""

import re
import subprocess
import sys
from importlib.metadata import requires

WITHOUT = """
import sys
sys.modules.update({name: None for name in ("pyspark", "pysail")})
"""


def required(extra=""):
    """The packages that are installed with an extra alone, or without one."""
    found = [(re.match(r"[\w.-]+", each)[0], re.search(r"extra == ['\"](\w+)", each)) for each in requires("shoplake")]
    return {name for name, marker in found if (marker[1] if marker else "") == extra}


def test_the_wheel_alone_brings_no_engine_so_that_it_replaces_nothing_on_databricks():
    assert {name for name in required() if re.match("py(spark|sail)|databricks|grpc|delta-spark", name)} == set()


def test_each_engine_is_an_extra():
    assert required("sail") == {"pysail", "pyspark-client"}
    assert required("spark") == {"pyspark-client"}


def test_without_an_engine_help_works_and_a_lake_is_an_error_that_says_what_to_type(tmp_path):
    code = f"{WITHOUT}\nfrom shoplake.cli.main import main\nmain()"

    helped, ran = (
        subprocess.run([sys.executable, "-c", code, arg], cwd=tmp_path, capture_output=True, text=True, check=False)
        for arg in ("--help", "run")
    )

    assert helped.returncode == 0 and "Usage" in helped.stdout
    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert "pyspark-client is not installed" in ran.stderr


def test_without_an_engine_the_python_api_says_the_same():
    code = f"{WITHOUT}\nfrom shoplake import ShoplakeError\ntry:\n    from shoplake import Lake\n"
    code += "except ShoplakeError as error:\n    print(type(error).__name__)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "EngineNotInstalledError"
