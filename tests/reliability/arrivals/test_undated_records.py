"""Records without a time of their own: the one that arrived later counts, however files are spread over runs."""

import pytest
from deltalake import DeltaTable

from reliability.lakes import lake_at, listed
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.records import ANY

TABLES = ("ad_costs", "exchange_rates", "customers", "products")
STREAMS = {
    "spend/f-{}.csv": ("cost_date,source,medium,campaign,cost", "2026-03-01,google,cpc,{0},{1}"),
    "exchange_rates/f-{}.csv": ("rate_date,currency,rate", "2026-03-01,{0},{1}"),
    "customers_export-{}.csv": ("Email,City", "{0}@example.com,City {1}"),
    "products_export-{}.csv": ("Handle,Title,Variant SKU,Variant Price", "{0},{0},{0},{1}"),
}
UP, DOWN = "AUD", "BRL"
"""Two keys: of one the later value is the greater, of the other the smaller, whatever else compares them."""


class Shop:
    """A lake of the tables whose rows a kind may date by their arrival, and its landing folder."""

    def __init__(self, folder, **settings):
        self.path, self.landing = folder / "lake", folder / "landing"
        self.lake = lake_at(self.path, self.landing, "shopify", tables=TABLES, **settings)

    def land(self, name, up, down):
        for pattern, (header, line) in STREAMS.items():
            path = self.landing / pattern.format(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join([header, line.format(UP, up), line.format(DOWN, down)]))

    def values(self):
        """What counts of each key: cost, rate, city and price."""
        of = {name: listed(self.path, f"silver/{name}") for name in TABLES}
        current = {name: [row for row in of[name] if row["is_current"]] for name in ("customers", "products")}
        cells = [(row["campaign"], int(row["cost"])) for row in of["ad_costs"]]
        cells += [(row["currency"], int(row["rate"])) for row in of["exchange_rates"]]
        cells += [(row["email"][:3], int(row["location"][-1])) for row in current["customers"]]
        cells += [(row["product_id"], int(row["price"])) for row in current["products"]]
        return {key: [value for name, value in cells if name == key] for key in (UP, DOWN)}

    def version_counts(self):
        return [DeltaTable(str(self.path / f"silver/{name}")).to_pyarrow_table().num_rows for name in TABLES[2:]]

    def correct(self):
        """Correct the quarantined records of all tables: their numbers and their e-mail addresses."""
        found = [row for name in TABLES for row in self.lake.select_quarantined(f"silver.{name}", ANY)]
        texts = {row["record_id"]: row["raw"].replace(",-", ",").replace(" at ", "@") for row in found}
        fix = FixFile.of(texts)
        with self.lake.quarantine_life_cycle() as cycle:
            cycle.fix(fix, self.lake.tables_of_fix(fix), "ticket 41")
        return len(found)


LAST = {UP: [9] * 4, DOWN: [1] * 4}


@pytest.mark.parametrize("most", [10_000, pytest.param(1, marks=pytest.mark.sample)])
def test_of_two_files_of_one_run_the_later_one_counts_and_the_other_is_no_version(tmp_path, most):
    shop = Shop(tmp_path, max_files_per_batch=most)
    shop.land("9", 1, 9)
    shop.land("10", 9, 1)

    shop.lake.run()

    assert (shop.values(), shop.version_counts()) == (LAST, [2, 2])
    shop.lake.run(full_refresh=True)
    assert (shop.values(), shop.version_counts(), shop.lake.verify()) == (LAST, [2, 2], [])


@pytest.mark.sample
def test_of_two_files_that_say_the_same_with_another_between_them_the_last_counts(tmp_path):
    shop = Shop(tmp_path, max_files_per_batch=1)
    for name, up, down in (("1", 9, 1), ("2", 1, 9), ("3", 9, 1)):
        shop.land(name, up, down)

    shop.lake.run()

    assert shop.values() == LAST
    shop.lake.run(full_refresh=True)
    assert shop.values() == LAST


@pytest.mark.sample
def test_a_later_run_counts_whatever_its_file_is_called(tmp_path):
    shop = Shop(tmp_path)
    for name, up, down in (("9", 1, 9), ("3", 9, 1)):
        shop.land(name, up, down)
        shop.lake.run()

    assert (shop.values(), shop.version_counts()) == (LAST, [4, 4])
    shop.lake.run(full_refresh=True)
    assert (shop.values(), shop.version_counts()) == (LAST, [4, 4])


@pytest.mark.sample
@pytest.mark.parametrize(("bad", "counts"), [("10", LAST), ("8", {UP: [1] * 4, DOWN: [9] * 4})])
def test_a_correction_counts_as_what_was_landed_would_have(tmp_path, bad, counts):
    shop = Shop(tmp_path)
    shop.land("9", 1, 9)
    shop.land(bad, "-9", "-1")
    customers = shop.landing / f"customers_export-{bad}.csv"
    customers.write_text(customers.read_text().replace("@", " at "))
    shop.lake.run()

    assert shop.correct() == 8
    before = shop.values()

    shop.lake.run(full_refresh=True)
    assert before == shop.values() == counts
