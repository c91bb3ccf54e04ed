import pytest

from shoplake.cli.options import Duration, of_kind


@pytest.mark.parametrize(("said", "seconds"), [("10s", 10.0), ("2m", 120.0), ("500ms", 0.5), ("1.5h", 5400.0)])
def test_a_duration_has_a_unit(said, seconds):
    assert Duration().convert(said, None, None) == seconds


@pytest.mark.parametrize(
    "words",
    [
        ["--start", "2026-03-02", "--end", "2026-03-01"],
        ["--start", "2026-02-30"],
        ["--full-refresh", "--end", "2026-03-01"],
        ["--watch", "--full-refresh"],
        ["--watch", "--start", "2026-03-01"],
        ["--watch", "--select", "events"],
        ["--interval", "2s"],
        ["--watch", "--interval", "10"],
        ["--watch", "--interval", "0s"],
    ],
)
def test_what_makes_no_sense_is_wrong_use_before_settings_are_read(shoplake, tmp_path, words):
    result = shoplake("run", "--config", tmp_path / "none.toml", *words)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: ")


def test_the_usual_kind_is_not_named():
    assert (of_kind("zenith"), of_kind("retailrocket")) == ([], ["--kind", "retailrocket"])
