"""What a killed process spilled is removed by the next one, and what a living one spills stays."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from shoplake.engine.session.spill_folder import make_spill_folder, remove_abandoned

SPILL = """
import sys
from shoplake.engine.session import sail

rows = sail.session({limit}).range(20_000_000).selectExpr("xxhash64(id) AS key", "repeat(string(id), 4) AS text")
rows.orderBy("key").write.parquet(sys.argv[1])
"""
LIMIT = 300 << 20


@pytest.fixture
def abandoned(tmp_path):
    """The folder of a process that was killed, with a file in it."""
    code = f"""
import os, pathlib
from shoplake.engine.session.spill_folder import make_spill_folder
made = make_spill_folder(pathlib.Path({str(tmp_path)!r}))
(made.path / "spilled").write_bytes(b"rows")
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    return next(tmp_path.iterdir())


def test_the_folder_of_a_killed_process_is_removed_by_the_next(abandoned, tmp_path):
    assert (abandoned / "spilled").exists()

    made = make_spill_folder(tmp_path)

    assert [*tmp_path.iterdir()] == [made.path]


def test_the_folder_of_a_living_process_stays(tmp_path):
    made = make_spill_folder(tmp_path)
    (made.path / "spilled").write_bytes(b"rows")

    assert remove_abandoned(tmp_path) == [] and (made.path / "spilled").exists()


def test_a_folder_is_removed_with_what_was_spilled_when_its_engine_stops(tmp_path):
    made = make_spill_folder(tmp_path)
    (made.path / "spilled").write_bytes(b"rows")

    made.remove()

    assert [*tmp_path.iterdir()] == []


def test_a_link_to_a_folder_of_others_is_not_followed(tmp_path):
    (tmp_path / "others").mkdir()
    (tmp_path / "shoplake-spill-link").symlink_to(tmp_path / "others")

    assert remove_abandoned(tmp_path) == [] and [*(tmp_path / "others").iterdir()] == []


def test_without_a_folder_for_temporary_files_there_is_none(tmp_path, caplog):
    assert make_spill_folder(tmp_path / "missing") is None
    assert "no folder for spilled files" in caplog.text


@pytest.mark.slow
@pytest.mark.sample
def test_what_a_killed_engine_spilled_is_removed_by_the_next_run(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    spill = [sys.executable, "-c", SPILL.format(limit=LIMIT), str(tmp_path / "sorted")]
    with subprocess.Popen(spill, env=environment) as killed:
        while spilled_bytes(tmp_path) < 1 << 20 and killed.poll() is None:
            time.sleep(0.01)
        killed.kill()
    assert killed.returncode == -signal.SIGKILL and spilled_bytes(tmp_path) >= 1 << 20

    run = [sys.executable, "-c", "from shoplake.engine.session import sail; sail.session()"]
    subprocess.run(run, env=environment, check=True)

    assert [path for path in tmp_path.glob("*") if "spill" in path.name] == []


def spilled_bytes(folder):
    """The size of all files in the spill folders, some of which may be removed meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names if "shoplake-spill" in parent else ():
            with suppress(FileNotFoundError):
                total += Path(parent, name).stat().st_size
    return total
