import json

import pytest

from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle


@pytest.mark.sample
def test_quarantined_records_are_listed_shown_exported_and_fixed(shoplake_of_files, shop, tmp_path):
    assert shoplake_of_files("run", "--config", shop).exit_code == 0
    rows = json.loads(shoplake_of_files("quarantine", "list", "silver.customers", "--config", shop, "--json").stdout)
    reason = rows[0]["reason"]
    file = tmp_path / "bad.ndjson"

    exported = shoplake_of_files(
        "quarantine", "export", "silver.customers", "--reason", reason, "-o", file, "--config", shop
    )
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    shown = shoplake_of_files("quarantine", "show", lines[0]["record_id"], "--config", shop)
    as_it_was = shoplake_of_files("quarantine", "fix", file, "--because", "ticket 41", "--config", shop)
    file.write_text("".join(json.dumps(line | {"raw": f"{line['raw']} "}) + "\n" for line in lines))
    dry = shoplake_of_files("quarantine", "fix", file, "--because", "ticket 41", "--dry-run", "--config", shop)

    assert (exported.exit_code, len(lines)) == (0, rows[0]["records"])
    assert reason in shown.stdout
    assert (as_it_was.exit_code, "Every text in the file is as it was" in as_it_was.stderr) == (1, True)
    assert f"Would correct {len(lines)}" in dry.stdout
    discarded = shoplake_of_files(
        "quarantine", "discard", "silver.customers", lines[0]["record_id"], "--because", "test", "--config", shop
    )
    again = json.loads(shoplake_of_files("quarantine", "list", "silver.customers", "--config", shop, "--json").stdout)
    assert discarded.exit_code == 0
    assert sum(row["records"] for row in again if row["reason"] == reason) == rows[0]["records"] - 1
    assert shoplake_of_files("verify", "--config", shop).exit_code == 0


def test_fields_that_were_set_are_built_on_by_a_repetition_after_a_kill(shoplake_of_files, shop, monkeypatch):
    assert shoplake_of_files("run", "--config", shop).exit_code == 0
    which = ("--table", "silver.customers", "--reason", "email_is_email", "--set", "email=fixed@mail.example")
    fix = ("quarantine", "fix", *which, "--because", "ticket 42", "--config", shop)

    def die(*_):
        raise OSError(5, "killed")

    with monkeypatch.context() as patch:
        patch.setattr(QuarantineLifeCycle, "_take_back", die)
        assert "killed" in shoplake_of_files(*fix).stderr
    query = "SELECT count(*) > 0 AS is_there FROM silver.customers WHERE email = 'fixed@mail.example'"
    ask = ("sql", query, "--format", "csv", "--config", shop)
    before = shoplake_of_files(*ask).stdout.split()[1]
    again = shoplake_of_files(*fix)

    assert (before, again.exit_code, shoplake_of_files(*ask).stdout.split()[1]) == ("false", 0, "true")


@pytest.mark.parametrize(
    "words",
    [
        ["discard", "silver.events", "--because", "x"],
        ["discard", "silver.events", "--reason", "x"],
        ["fix", "none.ndjson", "--because", "x"],
        ["list", "--state", "lost"],
    ],
)
def test_incomplete_commands_are_wrong_usage(shoplake, tmp_path, words):
    assert shoplake("quarantine", *words, "--config", tmp_path / "none.toml").exit_code == 2


def test_a_table_without_quarantine_is_an_error(shoplake, shared, first_run):
    result = shoplake("quarantine", "replay", "gold.sales_daily", "--config", shared)

    assert (result.exit_code, "quarantine" in result.stderr) == (1, True)
