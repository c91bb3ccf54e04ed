import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from shoplake.cli.views.quality.gates import GatesView, StaleView
from shoplake.quality.gates import GateResult

FAILED = GateResult("silver.events", "rows_like_history", "shop 2026-03-02", 12, 900, 1400, "warn")
PASSED = GateResult("silver.events", "fresh_event_at", "shop", 3, 0, 26, "pass")


def rendered(view):
    console = Console(file=io.StringIO(), width=100, markup=False)
    view.render(console)
    return console.file.getvalue()


def test_gates_that_do_not_pass_are_listed_and_the_others_counted():
    output = rendered(GatesView([FAILED, PASSED], Path("shoplake.toml")))

    assert "silver.events rows_like_history shop 2026-03-02    12 900 … 1,400" in output
    assert "1 check passed, 1 did not." in output
    assert "fresh_event_at" not in output


def test_without_gates_it_says_how_to_add_some():
    none = rendered(GatesView([], Path("shoplake.toml")))
    of_one = rendered(GatesView([], Path("shoplake.toml"), "silver.payments"))

    assert none.startswith('No table has gates. Add some in rules.py: extend("silver.events"')
    assert of_one.startswith('silver.payments has no gates. Add some in rules.py: extend("silver.payments"')


def test_the_json_has_every_result():
    assert [each["status"] for each in GatesView([FAILED, PASSED], Path("x")).to_json()] == ["warn", "pass"]


def test_a_lake_is_stale_without_a_run_or_with_an_old_one():
    now = datetime.now(UTC)

    assert StaleView(None, 60).is_stale
    assert StaleView(now - timedelta(hours=2), 3600).is_stale
    assert not StaleView(now - timedelta(minutes=2), 3600).is_stale
    assert rendered(StaleView(now - timedelta(hours=2), 3600)).startswith("STALE: the last recorded run started at")
    ahead = rendered(StaleView(now + timedelta(hours=2), 3600))
    assert ahead.startswith("STALE: ") and " h from now; limit 1.0 h.\nThe clock of that run was wrong" in ahead
    assert StaleView(None, 60).to_json() == {"last_run_at": None, "age_s": None, "limit_s": 60, "is_stale": True}
