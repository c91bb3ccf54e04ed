import pytest
from reliability.lakes import content, difference, drop, event, lake_at, there

from shoplake.engine import FullRefresh
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.errors import EngineMemoryError

BY_KEYS = ("order_values", "reconciliation_orders", "session_touches", "customer_favourites", "attribution_touches")


class Short:
    """Executes actions, but for a full refresh of some tables in fewer than `least` parts."""

    def __init__(self, names, least):
        self.names, self.least, self.tried, self.execute = names, least, [], DeltaEngine.execute

    def patch(self, monkeypatch):
        def execute(engine, table, action, source, gates=None):
            if table.name in self.names and isinstance(action, FullRefresh):
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
