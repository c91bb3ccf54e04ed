"""What the log in a table's folder says."""

from sample_tables import marks

from shoplake.engine.storage import delta_log
from shoplake.engine.storage.folder_log import FolderLog


def test_a_folder_without_a_log_is_no_table(tmp_path):
    assert not FolderLog(str(tmp_path)).exists()


def test_a_new_table_has_version_0_and_no_rows_files_or_changes(tmp_path):
    delta_log.create_if_missing(marks, str(tmp_path / "marks"))
    log = FolderLog(str(tmp_path / "marks"))

    assert (log.exists(), log.version(), log.row_count(), log.size()) == (True, 0, 0, (0, 0))
    assert (log.file_paths(), log.partition_values("day"), list(log.commit_times())) == ([], set(), [0])
    assert log.diff(0, 0).files == () and log.is_readable(0) and not log.has_expiry(0, 0)
