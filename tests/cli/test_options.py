import pytest

from shoplake.cli.options import Duration, of_kind


@pytest.mark.parametrize(("said", "seconds"), [("10s", 10.0), ("2m", 120.0), ("500ms", 0.5), ("1.5h", 5400.0)])
def test_a_duration_has_a_unit(said, seconds):
    assert Duration().convert(said, None, None) == seconds


@pytest.mark.parametrize(
    "words",
    [
        ["--from", "2026-03-02", "--to", "2026-03-01"],
        ["--from", "2026-02-30"],
        ["--full", "--to", "2026-03-01"],
        ["--watch", "--full"],
        ["--watch", "--from", "2026-03-01"],
        ["--watch", "--only", "events"],
        ["--every", "2s"],
        ["--watch", "--every", "10"],
        ["--watch", "--every", "0s"],
    ],
)
def test_what_makes_no_sense_is_wrong_use_before_settings_are_read(shoplake, tmp_path, words):
    result = shoplake("run", "--config", tmp_path / "none.toml", *words)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: ")


def test_the_usual_kind_is_not_named():
    assert (of_kind("zenith"), of_kind("retailrocket")) == ([], ["--kind", "retailrocket"])
