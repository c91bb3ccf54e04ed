import json
import subprocess
import sys

import few_tables
import pytest

from shoplake.lake import Lake


@pytest.mark.parametrize(
    "words",
    [
        ["--start", "2026-03-02", "--end", "2026-03-01"],
        ["--start", "2026-02-30"],
        ["--full-refresh", "--end", "2026-03-01"],
        ["--watch", "--full-refresh"],
        ["--watch", "--start", "2026-03-01"],
        ["--watch", "--select", "events"],
        ["--watch", "--layer", "gold"],
        ["--select", "events", "--layer", "gold"],
        ["--layer", "golden"],
        ["--interval", "2s"],
        ["--restart-above", "2GiB"],
        ["--watch", "--restart-above", "2 pages"],
        ["--watch", "--interval", "10"],
        ["--watch", "--interval", "0s"],
        ["--accept", "silver.events.event_name_known"],
        ["--because", "new tracker"],
        ["--accept", "silver.events.event_name_known", "--because", "  "],
        ["--watch", "--accept", "silver.events.event_name_known", "--because", "new tracker"],
    ],
)
def test_contradictory_options_are_wrong_usage_before_settings_are_read(shoplake, tmp_path, words):
    result = shoplake("run", "--config", tmp_path / "none.toml", *words)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: ")


@pytest.mark.parametrize(
    "words", [pytest.param([], marks=pytest.mark.slow), pytest.param(["--json"], marks=pytest.mark.slow)]
)
def test_a_run_whose_reader_is_gone_finishes_with_exit_code_0(shop, words):
    with run_into_closed_pipe(["run", "--config", shop, *words]) as process:
        stderr = process.communicate(timeout=120)[1]
    lake = Lake.open(shop)
    assert (process.returncode, "Traceback" in stderr, "Broken pipe" in stderr) == (0, False, False)
    assert lake.table("gold.sales_daily").count() > 0
    assert lake.verify() == []


def run_into_closed_pipe(words) -> subprocess.Popen:
    """Start shoplake with a stdout whose reader is gone before the first line."""
    process = subprocess.Popen(
        [sys.executable, few_tables.__file__, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    process.stdout = None
    return process


def test_stream_on_sail_ends_with_one_line_that_names_the_alternative(shoplake, shared):
    result = shoplake("stream", "--config", shared)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The engine 'sail' has no Structured Streaming.")
    assert "shoplake run --watch" in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_interval_is_a_duration(shoplake):
    result = shoplake("stream", "--interval", "soon")
    assert result.exit_code == 2
    assert "'soon' is not a duration. Write one such as 10s" in result.stderr


def test_a_run_as_json_prints_one_object(shoplake, lake):
    assert json.loads(shoplake("run", "--config", lake, "--json").stdout)["files"] == 0


SELECTIONS = ["--select events_raw", "--select events", "--select events --full-refresh", "--layer silver"]


@pytest.mark.parametrize("words", SELECTIONS)
def test_a_run_that_takes_in_no_files_says_that_they_wait(shoplake_of_files, tmp_path, words):
    config, landing = tmp_path / "shoplake.toml", tmp_path / "landing"
    shoplake_of_files("init", "--config", config, "--path", landing, "--timezone", "UTC", "--currency", "EUR")
    (landing / "events").mkdir(parents=True)
    (landing / "events/a.json").write_text("{}\n")

    output = " ".join(shoplake_of_files("run", "--config", config, *words.split()).stdout.split())

    _, step = output.split("# 1 new file waits for a run without --select and --layer. ")
    assert "shoplake run" in step
    assert not any(text in output for text in ("Nothing new.", "No new files", "has arrived yet"))


def test_a_selected_table_below_one_that_is_out_of_date_is_not_said_to_be_up_to_date(shoplake_of_files, small_shop):
    event = '{"event_id": "e", "event_ts": "2026-03-01T09:30:00Z", "event_name": "page_view", "anonymous_id": "a"}\n'
    (small_shop.parent / "landing/events/of-bronze.json").write_text(event)
    shoplake_of_files("run", "--layer", "bronze", "--config", small_shop)

    output = shoplake_of_files("run", "--select", "order_lines", "--config", small_shop).stdout

    assert "out of date above it: silver.events" in " ".join(output.split()) and "Nothing new." not in output
    assert "Update all with shoplake run, without --select" in " ".join(output.split())


BAD_EVENT = '{{"event_id": "bad{0}", "event_ts": "2026-03-01T09:30:00Z", "event_name": "purchase", "price": "n/a"}}'


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory, shoplake_of_files):
    """A shop whose events all have a price that is no number; nothing has run yet."""
    config = tmp_path_factory.mktemp("small") / "shoplake.toml"
    landing = config.parent / "landing"
    shoplake_of_files("init", "--config", config, "--path", landing, "--timezone", "UTC", "--currency", "EUR")
    (landing / "events").mkdir(parents=True)
    return config


@pytest.mark.parametrize(("words", "exit_code"), [(["--strict"], 1), pytest.param([], 0, marks=pytest.mark.slow)])
def test_strict_ends_with_exit_code_1_after_a_run_that_quarantined_much(
    shoplake_of_files, small_shop, words, exit_code
):
    name = "-".join(["bad", *words])
    (small_shop.parent / f"landing/events/{name}.json").write_text(BAD_EVENT.format(name) + "\n")
    result = shoplake_of_files("run", "--config", small_shop, "--json", *words)
    [warning] = json.loads(result.stdout)["warnings"]
    assert (result.exit_code, warning["rule"], warning["examples"]) == (exit_code, "price_fits_type", ['"n/a"'])
    assert "Nothing new." in shoplake_of_files("run", "--config", small_shop).stdout


@pytest.mark.parametrize("other", ["--watch", "--dry-run"])
def test_strict_is_for_one_run(shoplake, tmp_path, other):
    result = shoplake("run", "--strict", other, "--config", tmp_path / "none.toml")
    assert (result.exit_code, "--strict is for one run." in result.stderr) == (2, True)
