import json
from datetime import date

import pytest
from few_tables import FILES, few_tables

from shoplake import Lake

SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'


@pytest.fixture
def lake(tmp_path):
    """A lake of carts, with a product in one."""
    (tmp_path / "shoplake.toml").write_text(SETTINGS)
    land(tmp_path, "1", "2026-03-01T09:00:00Z")
    with few_tables((*FILES, "cart_activity")):
        made = Lake.open(tmp_path / "shoplake.toml")
    made.run()
    return made


def land(folder, name, at):
    """Let a file land in which a product is put into a cart."""
    event = {"event_id": name, "event_ts": at, "event_name": "add_to_cart", "anonymous_id": "d1", "product_id": name}
    file = folder / f"landing/events/{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(event | {"quantity": 1, "price": 2.5}))


def test_days_without_events_are_rebuilt_while_new_events_wait(lake, tmp_path):
    land(tmp_path, "2", "2026-03-02T09:00:00Z")

    lake.run(start=date(2030, 1, 1), end=date(2030, 1, 2))

    assert lake.row_count("silver.cart_activity") == 2
