import json
import shutil

import pytest
from reliability.lakes import content, difference, drop, event, lake_at, there

from shoplake.engine import AllRows, FullRefresh, Partitions
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.modes import overwrite
from shoplake.errors import EngineMemoryError
from shoplake.pipeline import runner
from shoplake.pipeline.memory import partition_parts

BY_KEYS = ("order_values", "reconciliation_orders", "session_touches", "customer_favourites", "attribution_touches")


class Short:
    """Executes actions, but for those of a kind, of some tables, in fewer than `least` parts."""

    def __init__(self, names, least, kind=FullRefresh):
        self.names, self.least, self.tried, self.execute = names, least, [], DeltaEngine.execute
        self.kind = kind

    def patch(self, monkeypatch):
        def execute(engine, table, action, source, gates=None):
            if table.name in self.names and isinstance(action, self.kind):
                self.tried.append((table.name, source.parts))
                if source.parts < self.least:
                    raise EngineMemoryError("Resources exhausted")
            return self.execute(engine, table, action, source, gates)

        monkeypatch.setattr(DeltaEngine, "execute", execute)
        return self


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    """Twelve orders of five customers in four days, with discounts, refunds and the sessions before them."""
    folder = tmp_path_factory.mktemp("landing")
    orders, refunds, events = [], [], []
    for n in range(12):
        day, customer, at = f"2026-03-{1 + n % 4:02}", f"C{n % 5}", f"2026-03-{1 + n % 4:02}T1{n % 4}:0{n % 10}"
        lines = [
            {"line_number": at, "product_id": f"P{(n + at) % 3}", "quantity": at, "unit_price": 2.5 + n}
            for at in range(1, 2 + n % 3)
        ]
        order = {"order_id": f"O{n}", "customer_id": customer, "country": "GB", "currency": "GBP", "lines": lines}
        paid = {"payment_id": f"{n}-1", "method": "card", "amount": 5.0 * n, "status": "paid", "paid_at": f"{at}:40Z"}
        discount = {"discount": 1.01 if n % 2 else 0.0, "payments": [paid]}
        orders.append(order | discount | {"ordered_at": f"{at}:30Z"})
        back = {"line_number": 1, "product_id": lines[0]["product_id"], "quantity": 1, "unit_price": 2.5 + n}
        refund = {"refund_id": f"R{n}", "order_id": f"O{n}", "refunded_at": f"{day}T20:00:00Z", "lines": [back]}
        refunds += [refund | {"customer_id": customer, "currency": "GBP", "amount": 2.5 + n}] if n % 3 == 0 else []
        seen = {"event_ts": f"{at}:00Z", "user_id": customer, "anonymous_id": f"A{n % 5}"}
        events.append(event(2 * n, event_name="product_view", **seen))
        events.append(event(2 * n + 1, event_name="purchase", order_id=f"O{n}", **seen))
    for name, records in (("orders", orders), ("refunds", refunds), ("events", events)):
        drop(folder, f"{name}/a.json", *records)
    return folder


def answers(lake):
    return content(lake, [table for table in there(lake) if not table.startswith("bronze")])


@pytest.fixture(scope="module")
def whole(landing, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole")
    lake_at(path, landing, tables=BY_KEYS).run()
    return answers(path)


def test_tables_that_lack_memory_are_built_in_parts_of_their_keys_and_hold_the_same_rows(
    landing, whole, tmp_path, monkeypatch
):
    short = Short(BY_KEYS, 4).patch(monkeypatch)

    lake_at(tmp_path, landing, tables=BY_KEYS).run()

    assert {name: max(parts for each, parts in short.tried if each == name) for name in BY_KEYS} == dict.fromkeys(
        BY_KEYS, 4
    )
    assert difference(answers(tmp_path), whole) == {}
    assert len(whole["gold/order_values"]) > 12


def test_a_table_that_cannot_be_divided_further_ends_the_run(landing, tmp_path, monkeypatch):
    short = Short({"customer_favourites"}, 100).patch(monkeypatch)

    with pytest.raises(EngineMemoryError, match="memory_limit"):
        lake_at(tmp_path, landing, tables=["customer_favourites"]).run()

    assert [parts for _, parts in short.tried][-5:] == [2, 4, 8, 16, 32]


def test_a_table_that_lacks_memory_beside_another_is_not_divided_before_it_was_alone(landing, tmp_path, monkeypatch):
    short = Short({"session_touches"}, 2).patch(monkeypatch)

    lake_at(tmp_path, landing, tables=["session_touches", "order_values"]).run()

    assert [parts for _, parts in short.tried] == [1, 1, 2]


AGGREGATES = ("product_affinity", "product_funnel")
BY_DAY = ("product_performance_daily", "funnel_daily")


@pytest.fixture
def alone(monkeypatch):
    """One table is built at a time."""
    monkeypatch.setattr(runner, "max_parallel", lambda *_: 1)


def kinds_of_memory(lake, monkeypatch, fails=()):
    """Note for each table that is built whether its steps take memory as they ask; let those in `fails` lack some."""
    seen, execute, client = [], DeltaEngine.execute, lake.engine.session.client

    def noting(engine, table, action, source, gates=None):
        is_first_come = engine.session.client is not client
        seen.append((table.name, is_first_come))
        if is_first_come and table.name in fails:
            raise EngineMemoryError("Resources exhausted")
        return execute(engine, table, action, source, gates)

    monkeypatch.setattr(DeltaEngine, "execute", noting)
    return seen


@pytest.mark.usefixtures("alone")
def test_steps_of_a_table_that_says_so_take_memory_as_they_ask_and_share_it_where_it_lacks(
    landing, tmp_path, monkeypatch
):
    tables = [*AGGREGATES, "funnel_daily"]
    lake_at(tmp_path / "unlimited", landing, tables=tables).run()
    limited = lake_at(tmp_path / "limited", landing, tables=tables, memory_limit=1 << 30)
    seen = kinds_of_memory(limited, monkeypatch, fails={"product_funnel"})

    limited.run()

    kinds = {name: [kind for each, kind in seen if each == name] for name in tables}
    assert kinds == {"product_affinity": [True], "product_funnel": [True, False], "funnel_daily": [False]}
    assert difference(answers(tmp_path / "limited"), answers(tmp_path / "unlimited")) == {}


@pytest.mark.parametrize("memory", [None, 1 << 30])
def test_tables_that_are_built_side_by_side_share_the_memory(landing, tmp_path, monkeypatch, memory):
    lake = lake_at(tmp_path, landing, tables=AGGREGATES, memory_limit=memory)
    seen = kinds_of_memory(lake, monkeypatch)

    lake.run()

    assert not any(is_first_come for _, is_first_come in seen)


def two_lakes(tmp_path, landing, **settings):
    """A lake after a run, one that is built in parts from then on, and its copy."""
    lake_at(tmp_path / "parts", landing, **settings).run()
    shutil.copytree(tmp_path / "parts", tmp_path / "whole")
    return [lake_at(tmp_path / name, landing, **settings) for name in ("parts", "whole")]


def correct(landing):
    """A corrected view and a late one, on two of the four days."""
    late = {"event_name": "product_view", "user_id": "C9", "anonymous_id": "A9", "product_id": "P1"}
    drop(landing, "events/b.json", event(100, event_ts="2026-03-01T12:00:00Z", **late))
    drop(landing, "events/c.json", event(101, event_ts="2026-03-03T12:00:00Z", **late))


def test_days_that_changed_and_do_not_fit_are_built_in_parts_and_committed_at_once(landing, tmp_path, monkeypatch):
    own = copy_of(landing, tmp_path)
    lakes = two_lakes(tmp_path, own, tables=BY_DAY, memory_limit=1 << 30)
    correct(own)
    lakes[1].run()
    before = {name: lakes[0].engine.version(lakes[0].catalog[name]) for name in BY_DAY}
    monkeypatch.setattr(partition_parts, "BYTES_PER_ROW_BY_PARTITION", 1 << 29)
    divided = Divided().patch(monkeypatch)

    lakes[0].run()

    assert {name: count > 1 for name, count in divided.parts} == dict.fromkeys(BY_DAY, True)
    assert {name: lakes[0].engine.version(lakes[0].catalog[name]) for name in BY_DAY} == {
        name: version + 1 for name, version in before.items()
    }
    assert difference(answers(tmp_path / "parts"), answers(tmp_path / "whole")) == {}


def test_days_that_changed_and_lacked_memory_are_built_in_parts(landing, tmp_path, monkeypatch):
    own = copy_of(landing, tmp_path)
    lakes = two_lakes(tmp_path, own, tables=BY_DAY)
    correct(own)
    lakes[1].run()
    short = Short(BY_DAY, 2, Partitions).patch(monkeypatch)

    lakes[0].run()

    assert {(name, 2) for name in BY_DAY} <= set(short.tried)
    assert difference(answers(tmp_path / "parts"), answers(tmp_path / "whole")) == {}


def test_a_table_that_is_computed_whole_to_be_compared_and_lacked_memory_is_computed_in_parts(
    landing, tmp_path, monkeypatch
):
    """As after corrections of orders of most days, whose keys are not looked for."""
    monkeypatch.setattr(overwrite, "changed_keys", lambda *_: None)
    own = copy_of(landing, tmp_path)
    lakes = two_lakes(tmp_path, own, tables=["order_values"])
    first = [json.loads(line) for line in (own / "orders" / "a.json").read_text().splitlines()]
    drop(own, "orders/b.json", *[each | {"discount": 0.5, "updated_at": "2026-03-09T10:00:00Z"} for each in first])
    lakes[1].run()
    before, short = answers(tmp_path / "parts"), Short({"order_values"}, 4, AllRows).patch(monkeypatch)

    lakes[0].run()

    assert short.tried == [("order_values", 1), ("order_values", 1), ("order_values", 2), ("order_values", 4)]
    assert difference(answers(tmp_path / "parts"), answers(tmp_path / "whole")) == {}
    assert answers(tmp_path / "parts")["gold/order_values"] != before["gold/order_values"]


class Divided:
    """Notes in how many parts the days of a table are built."""

    def __init__(self):
        self.parts, self.execute = [], DeltaEngine.execute

    def patch(self, monkeypatch):
        def execute(engine, table, action, source, gates=None):
            if isinstance(action, Partitions):
                self.parts.append((table.name, len(source.divided(action))))
            return self.execute(engine, table, action, source, gates)

        monkeypatch.setattr(DeltaEngine, "execute", execute)
        return self


def copy_of(landing, tmp_path):
    return shutil.copytree(landing, tmp_path / "landing")
