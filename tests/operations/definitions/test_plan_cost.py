"""What a plan costs: calls of functions, of the engine and of logs, which no busy machine makes more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from sample_changes import TABLES, changed, labelled

from shoplake.declare import col, expect
from shoplake.engine.storage import table_cache
from shoplake.operations.definitions.current_definitions import CurrentDefinitions
from shoplake.operations.definitions.source_code.code_hash import CodeReader

if TYPE_CHECKING:
    from sample_changes import ChangingLake

LABELLED = [*TABLES["totals"].columns, col("label", "string", "What the sum is called")]


@dataclass
class Calls:
    """What was called: the functions of tables, the sources read, the engine by method, the logs opened."""

    functions: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    engine: Counter[str] = field(default_factory=Counter)
    logs: Counter[str] = field(default_factory=Counter)


@pytest.fixture
def calls(lake: ChangingLake, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What is called from now on."""
    calls, client = Calls(), type(lake.session.client)
    with_logic, read, load = CurrentDefinitions._with_logic, CodeReader.read, table_cache.load_table
    analyze, execute = client._analyze, client._execute_and_fetch
    patches = (
        (CurrentDefinitions, "_with_logic", lambda *given: calls.functions.append(given[1].name) or with_logic(*given)),
        (CodeReader, "read", lambda *given: calls.sources.extend(map(repr, given[1:])) or read(*given)),
        (table_cache, "load_table", lambda path: calls.logs.update([path]) or load(path)),
        (
            client,
            "_analyze",
            lambda *given, **named: calls.engine.update([named["method"]]) or analyze(*given, **named),
        ),
        (client, "_execute_and_fetch", lambda *given: calls.engine.update(["execute"]) or execute(*given)),
    )
    for owner, name, counted in patches:
        monkeypatch.setattr(owner, name, counted)
    return calls


def test_an_unchanged_lake_is_compared_without_the_engine_and_opens_no_log_twice(lake, calls):
    assert lake.plan() == {}

    assert calls.functions == calls.sources == []
    assert not calls.engine
    assert max(calls.logs.values()) == 1


def test_a_changed_zone_reads_no_source_and_analyses_no_plan(lake, calls):
    (feed,) = lake.settings.feeds
    lake.settings = replace(lake.settings, feeds=(replace(feed, timezone="Asia/Tokyo"),))

    assert lake.plan()["silver.local_marks"] == "REBUILD"

    assert calls.functions == ["local_marks"]
    assert calls.sources == []
    assert not calls.engine


def test_a_changed_rule_calls_the_functions_of_its_table_and_of_those_that_read_it(lake, calls):
    lake.tables = changed("marks", rules=[*TABLES["marks"].rules, expect("n_small", "n < 9")])

    assert lake.plan()["silver.marks"] == "REEVALUATE"

    assert set(calls.functions) == {"marks", "visits", "daily", "copies"}
    assert calls.engine == Counter(schema=1)


def test_a_changed_function_and_an_added_column_check_the_types_of_that_table_alone(lake, calls):
    lake.tables = changed("totals", columns=LABELLED, build=labelled)

    assert lake.plan() == {"gold.totals": "REBUILD"}

    assert calls.functions == ["totals"]
    assert calls.engine == Counter(schema=1)
