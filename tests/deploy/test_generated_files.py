import os

import pytest

from shoplake.deploy.generated_files import MARK, FileExistsAlreadyError, write_generated


def test_files_of_before_are_replaced(tmp_path):
    write_generated(tmp_path, {"a/one.py": f"# {MARK} x\nold"})

    write_generated(tmp_path, {"a/one.py": f"# {MARK} x\nnew"})

    assert (tmp_path / "a/one.py").read_text().endswith("new")


def test_a_file_that_is_not_generated_is_kept_and_nothing_else_is_written(tmp_path):
    (tmp_path / "two.py").write_text("mine")

    with pytest.raises(FileExistsAlreadyError, match=r"two\.py exists already, and is not generated.*--force"):
        write_generated(tmp_path, {"one.py": MARK, "two.py": MARK})

    assert (tmp_path / "two.py").read_text() == "mine"
    assert not (tmp_path / "one.py").exists()


def test_force_overwrites_it(tmp_path):
    (tmp_path / "two.py").write_text("mine")

    write_generated(tmp_path, {"two.py": MARK}, force=True)

    assert (tmp_path / "two.py").read_text() == MARK


def test_a_script_can_be_executed(tmp_path):
    [script, text] = write_generated(tmp_path, {"run.sh": "#!/bin/sh\n", "crontab": MARK})

    assert os.access(script, os.X_OK)
    assert not os.access(text, os.X_OK)
