import subprocess
import sys

import pytest

ASK = "from shoplake.engine.session.connect_client import ConnectDataFrame as d"
ASK += "; print(d.__name__, '__file__' in globals())"


@pytest.mark.parametrize(
    "way", [pytest.param(["-c", ASK], marks=pytest.mark.slow), pytest.param(["-"], marks=pytest.mark.sample)]
)
def test_the_client_can_be_imported_where_main_is_no_file(way):
    done = subprocess.run([sys.executable, *way], input=ASK, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.split()[0]) == (0, "DataFrame"), done.stderr


def test_main_is_left_without_a_file_where_it_had_none():
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)

    assert done.stdout.split()[1] == "False"


@pytest.mark.slow
def test_the_file_of_main_stays_where_there_is_one(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(ASK + "; print(__file__)")

    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["DataFrame", "True", str(script)]


def test_a_lake_can_be_imported_where_main_is_no_file():
    done = subprocess.run([sys.executable, "-c", "import shoplake.lake"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
