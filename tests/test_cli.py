from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from shoplake import settings
from shoplake.cli import main
from shoplake.feeds import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

COMMANDS = sorted(main.commands)


def shoplake(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words], prog_name="shoplake")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a shop's files, the truth of them and its settings; nothing has run yet."""
    folder = tmp_path_factory.mktemp("shop")
    arguments = ["--events", 3_000, "--customers", 200, "--products", 50, "--days", 5, "--dirt", 0.04]
    assert shoplake("generate", "--landing", folder / "landing", *arguments, "--json").exit_code == 0
    config = folder / "shoplake.toml"
    assert shoplake("init", "--path", folder / "landing", "--config", config).exit_code == 0
    return config


@pytest.fixture(scope="session")
def first_run(shop: Path) -> Result:
    return shoplake("run", "--config", shop)


@pytest.fixture(scope="session")
def lake(shop: Path, first_run: Result) -> Path:
    assert first_run.exit_code == 0
    return shop


def truth(config: Path) -> dict:
    return json.loads((config.parent / "landing" / "truth.json").read_text())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command):
    assert f"Example: shoplake {command}" in shoplake(command, "--help").output


def test_every_command_says_its_purpose_in_a_line_of_the_overview():
    _, _, commands = shoplake("--help").output.partition("Commands:")
    assert all(f"\n  {command} " in commands for command in COMMANDS)
    assert "..." not in commands


def test_the_overview_loads_no_engine():
    heavy = "{'pyspark', 'pyarrow', 'deltalake', 'pandas', 'rich'} & set(sys.modules)"
    code = f"import sys, shoplake.cli; sys.exit(str({heavy} or ''))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_init_writes_settings_that_can_be_loaded(tmp_path):
    config = tmp_path / "conf" / "shoplake.toml"
    assert (
        shoplake("init", "--kind", "online_retail", "--path", tmp_path / 'a "b" ü', "--config", config).exit_code == 0
    )
    [feed] = settings.load(config, KINDS).feeds
    assert (feed.name, feed.kind.name, feed.path) == ("shop", "online_retail", str(tmp_path / 'a "b" ü'))


def test_init_keeps_a_relative_path_relative_to_the_settings_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shoplake("init", "--path", "files", "--config", "conf/shoplake.toml")
    [feed] = settings.load(tmp_path / "conf" / "shoplake.toml", KINDS).feeds
    assert feed.path == str(tmp_path / "files")


def test_init_overwrites_only_when_forced(tmp_path):
    config = tmp_path / "shoplake.toml"
    config.write_text("mine")
    refused = shoplake("init", "--config", config)
    assert (refused.exit_code, config.read_text()) == (1, "mine")
    assert "--force" in refused.stderr
    assert shoplake("init", "--config", config, "--force").exit_code == 0


def test_init_names_every_kind_in_its_help():
    said = shoplake("init", "--help").output
    assert [kind for kind in KINDS if kind not in said] == []


def test_an_unknown_kind_is_wrong_use():
    result = shoplake("init", "--kind", "zenit")
    assert result.exit_code == 2
    assert "Did you mean 'zenith'?" in result.stderr


def test_generate_says_what_it_wrote(tmp_path):
    result = shoplake("generate", "--landing", tmp_path, "--events", 50, "--customers", 5, "--days", 2, "--json")
    said = json.loads(result.stdout)
    assert said["records"] == json.loads((tmp_path / "truth.json").read_text())["lines"]
    assert said["bytes"] == sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())


def test_run_prints_a_line_for_each_table(first_run):
    for table in ("bronze.events_raw", "silver.events", "silver.customers", "gold.sales_daily"):
        [line] = [line for line in first_run.stdout.splitlines() if line.startswith(table + " ")]
        assert int(line.split()[1].replace(",", "")) > 0
    assert "shoplake quality --config" in first_run.stdout


def test_a_second_run_finds_nothing_new(lake):
    assert "Nothing new." in shoplake("run", "--config", lake).stdout
    assert json.loads(shoplake("run", "--config", lake, "--json").stdout)["tables"] == []


@pytest.mark.parametrize("command", ["run", "tables", "quality"])
def test_missing_settings_are_one_line_and_exit_code_1(command, tmp_path):
    result = shoplake(command, "--config", tmp_path / "none.toml")
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: There is no") and "shoplake init" in line


def test_tables_and_show_need_no_lake(tmp_path):
    config = tmp_path / "shoplake.toml"
    shoplake("init", "--config", config)
    listed = json.loads(shoplake("tables", "--config", config, "--json").stdout)
    assert {each["rows"] for each in listed} == {None}
    assert "none yet" in shoplake("show", "sales_daily", "--config", config).stdout


def test_tables_says_the_rows_of_each(lake):
    listed = json.loads(shoplake("tables", "--config", lake, "--json").stdout)
    rows = {f"{each['layer']}.{each['name']}": each["rows"] for each in listed}
    assert rows["silver.events"] == truth(lake)["events"]
    assert rows["silver.events_quarantine"] == sum(truth(lake)["quarantined"]["events"].values())


def test_show_says_what_a_table_declares(lake):
    shown = shoplake("show", "silver.events", "--config", lake).stdout
    for said in ("feed, event_id", "the earliest by event_at", "event_name IN ('page_view'", "events_raw", "UTC"):
        assert said in shown


def test_show_of_an_unknown_table_says_what_was_meant(lake):
    result = shoplake("show", "gold.sale_daily", "--config", lake)
    assert result.exit_code == 1
    assert "Did you mean 'gold.sales_daily'?" in result.stderr


EXACT = """
    SELECT 'a "b", ü' AS text, cast(1234567890.1200 AS decimal(18,4)) AS money, date '2026-03-29' AS day,
        timestamp '2026-03-29 01:30:00' AS at, true AS yes, cast(NULL AS string) AS nothing
    FROM gold.sales_daily LIMIT 1
"""


def test_csv_is_exact(lake):
    [row] = csv.DictReader(io.StringIO(shoplake("sql", EXACT, "--format", "csv", "--config", lake).stdout))
    assert list(row.values()) == ['a "b", ü', "1234567890.1200", "2026-03-29", "2026-03-29T01:30:00Z", "true", ""]


def test_json_is_exact(lake):
    said = shoplake("sql", EXACT, "--format", "json", "--config", lake).stdout
    [row] = json.loads(said, parse_float=Decimal)
    assert list(row.values()) == [
        'a "b", ü', Decimal("1234567890.1200"), "2026-03-29", "2026-03-29T01:30:00Z", True, None
    ]  # fmt: skip


def test_parquet_keeps_the_types(lake, tmp_path):
    piped = shoplake("sql", EXACT, "--format", "parquet", "--config", lake).stdout_bytes
    shoplake("sql", EXACT, "--format", "parquet", "--output", tmp_path / "rows.parquet", "--config", lake)
    for rows in (pq.read_table(io.BytesIO(piped)), pq.read_table(tmp_path / "rows.parquet")):
        assert rows.column("money").to_pylist() == [Decimal("1234567890.1200")]
        assert str(rows.schema.field("day").type) == "date32[day]"


def test_a_table_says_how_many_rows_it_leaves_out(lake):
    shown = shoplake("sql", "SELECT event_id FROM silver.events", "--limit", 3, "--config", lake).stdout
    assert f"… {truth(lake)['events'] - 3:,} more rows" in shown
    assert len(shown.splitlines()) == 5


@pytest.mark.parametrize(
    "query",
    [
        "DROP TABLE gold.sales_daily",
        "SELECT nope FROM gold.sales_daily",
        "SELECT cast(event_name AS int) FROM silver.events",
    ],
)
def test_a_query_that_is_refused_or_fails_is_one_line_and_exit_code_1(lake, query):
    result = shoplake("sql", query, "--config", lake)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1


def test_quality_has_the_numbers_of_the_truth(lake):
    said = {each["table"]: each for each in json.loads(shoplake("quality", "--config", lake, "--json").stdout)}
    events, known = said["silver.events"], truth(lake)
    assert events["rows_in"] == known["lines"]["events"]
    assert events["good"] == known["events"]
    assert events["quarantined"] == sum(known["quarantined"]["events"].values())
    assert events["duplicates"] == sum(known["duplicates"]["events"].values())
    assert events["conflicts"] == known["duplicates"]["events"]["conflicting"]
    broken = {rule["name"]: rule["broken"] for rule in events["rules"]}
    assert broken["event_name_known"] == known["quarantined"]["events"]["unknown_event_name"]


def test_quality_shows_what_is_wrong_and_with_all_the_rest(lake):
    some, whole = (shoplake("quality", "--config", lake, *more).stdout for more in ([], ["--all"]))
    assert "event_name_known" in some and "feed_present" not in some
    assert "feed_present" in whole


def test_quality_of_an_unknown_run_names_the_last_one(lake):
    result = shoplake("quality", "--run", "nope", "--config", lake)
    assert result.exit_code == 1 and "The last one is" in result.stderr


def test_an_output_that_cannot_be_written_is_one_line(lake, tmp_path):
    result = shoplake("sql", EXACT, "--output", tmp_path / "no" / "rows.csv", "--config", lake)
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert "No such file or directory" in line
