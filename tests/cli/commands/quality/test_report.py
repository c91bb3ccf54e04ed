import json
from pathlib import Path

import pytest


@pytest.mark.sample
def test_a_page_is_written_whole_and_again_the_same(shoplake, lake, tmp_path):
    for name in ("one", "two"):
        assert shoplake("report", "-o", tmp_path / name, "--config", lake).exit_code == 0

    pages = [(tmp_path / name / "index.html").read_bytes() for name in ("one", "two")]
    assert pages[0] == pages[1] and len(pages[0]) < 1_000_000
    assert [file.name for file in (tmp_path / "one").iterdir()] == ["index.html"]


def test_a_page_for_which_the_disk_has_no_room_leaves_no_part_of_it(shoplake, lake, tmp_path, monkeypatch):
    def fill(part, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fill)
    failed = shoplake("report", "-o", tmp_path, "--config", lake)

    assert failed.exit_code == 1 and "Free space on the disk" in failed.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_json_has_path_and_size(shoplake, lake, tmp_path):
    result = json.loads(shoplake("report", "-o", tmp_path, "--config", lake, "--json").stdout)

    assert result == {"path": str(tmp_path / "index.html"), "bytes": (tmp_path / "index.html").stat().st_size}


def test_personal_values_of_quarantined_records_are_not_in_it(shoplake, lake, tmp_path):
    shoplake("report", "-o", tmp_path, "--config", lake)

    html = (tmp_path / "index.html").read_text()
    assert "email_is_email" in html and "xxx-xx-xxxxx" in html
    assert "not-an-email" not in html and "@" not in html.split("</style>")[1]
