import gc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shoplake.serve.sqlite import connect

OPEN = Path("/proc/self/fd")
"""Links to the open files of this process."""


def open_files(name: str) -> list[Path]:
    return [each for each in OPEN.iterdir() if each.is_symlink() and str(each.readlink()).endswith(name)]


@pytest.mark.skipif(not OPEN.is_dir(), reason="open files are listed on Linux only")
def test_a_connection_that_another_thread_lets_go_of_is_closed_without_a_warning(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(lambda: [connect(tmp_path / "one.sqlite")]).result()
        holder[0].execute("CREATE TABLE t (a)")
        assert open_files("one.sqlite")
        holder.clear()
        gc.collect()

    assert not open_files("one.sqlite")
