import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import report


def result(folder, name, says):
    finding = {"question": "How fast?", "columns": ["peer", "s"], "rows": [["a", "1"]], "aim": "1", "says": says}
    machine = {"cores": 2, "memory_gib": 24, "load": 0.1}
    text = json.dumps({"at": "2026-03-01T00:00:00", "machine": machine, "finding": finding})
    (folder / name).write_text(text)


def test_the_page_shows_the_newest_result_of_each_benchmark(tmp_path):
    result(tmp_path, "full_build-2026-03-01.json", "old")
    result(tmp_path, "full_build-2026-03-02.json", "new")
    result(tmp_path, "watch-2026-03-01.json", "other")

    text = report.render_page(tmp_path.glob("*.json"))

    assert "new (2 cores" in text
    assert "other (2 cores" in text
    assert "old (2 cores" not in text


def test_the_page_in_the_docs_is_that_of_the_saved_results():
    expected = report.render_page(report.RESULTS.glob("*.json"))

    assert report.PAGE.read_text(encoding="utf-8") == expected
