import sys

import pytest
from sample_tables import CATALOG as SAMPLES

from shoplake import tables
from shoplake.declare import VALIDITY, Append, Replace, Scd2, Table, Upsert, col, extend, warn
from shoplake.declare.catalog import Catalog, LayerViolationError
from shoplake.errors import DeclarationError, UnknownTableError

FEED, AT = col("feed", "string", "Which shop"), col("at", "timestamp", "When", unit="UTC")


def declared(name, layer="gold", reads=(), *, doc="One row per thing.", **more):
    """A table without a body, called `name`, that reads `reads`."""
    names = {}
    exec(f"def {name}({', '.join(reads)}): pass", names)
    names[name].__doc__ = doc
    write = Append() if layer == "bronze" else Replace()
    return Table(names[name], layer, **{"columns": (FEED, AT), "write": write} | more)


def refused(*tables, as_=DeclarationError):
    """What the catalogue says of tables that cannot go together."""
    with pytest.raises(as_) as error:
        Catalog(tables)
    return str(error.value)


RAW = declared("events_raw", "bronze")
EVENTS = declared("events", "silver", ["events_raw"])
FUNNEL = declared("funnel", "gold", ["events"])


def test_each_table_comes_after_those_it_reads_and_bronze_first():
    daily = declared("a_daily", "gold", ["funnel", "events"])

    ordered = Catalog([daily, FUNNEL, EVENTS, RAW, declared("z_raw", "bronze")]).ordered

    assert [table.name for table in ordered] == ["events_raw", "z_raw", "events", "funnel", "a_daily"]


def test_the_order_does_not_depend_on_the_order_of_declaration():
    found = [RAW, EVENTS, FUNNEL, declared("carts", "gold", ["events"]), declared("orders_raw", "bronze")]

    assert Catalog(found).ordered == Catalog(found[::-1]).ordered


def test_a_table_is_found_by_its_name_with_or_without_its_layer():
    catalog = Catalog([RAW, EVENTS])

    assert catalog["events"] is catalog["silver.events"] is EVENTS
    assert (sorted(catalog), len(catalog), "events" in catalog) == (["events", "events_raw"], 2, True)


@pytest.mark.parametrize(("name", "near"), [("evnts", "events"), ("gold.events", "silver.events")])
def test_a_name_that_is_not_declared_is_answered_with_the_nearest(name, near):
    with pytest.raises(UnknownTableError, match=f"Unknown table '{name}'. Did you mean '{near}'?"):
        Catalog([RAW, EVENTS])[name]


def test_it_knows_who_reads_a_table():
    assert Catalog([RAW, EVENTS, FUNNEL]).downstream_of("events") == ["funnel"]


def test_the_tables_upstream_are_those_that_a_table_is_made_from():
    catalog = Catalog([RAW, EVENTS, FUNNEL])

    assert catalog.upstream_of(["funnel"]) == {"events", RAW.name}
    assert catalog.upstream_of(["funnel", "events"]) == {RAW.name}


def test_a_read_that_is_not_declared_is_refused_with_a_hint():
    error = refused(RAW, declared("events", "silver", ["evnts_raw"]), as_=UnknownTableError)

    assert error == "Unknown table 'evnts_raw', read by silver.events. Did you mean 'events_raw'?"


def test_tables_that_read_each_other_are_refused():
    error = refused(declared("one", reads=["two"]), declared("two", reads=["three"]), declared("three", reads=["one"]))

    assert "in a circle" in error
    assert all(name in error for name in ("one", "two", "three", " → "))


def test_a_table_that_reads_itself_is_refused():
    assert "in a circle" in refused(declared("one", reads=["one"]))


def test_a_table_that_reads_from_a_layer_above_is_refused():
    error = refused(RAW, FUNNEL, EVENTS, declared("visits", "silver", ["funnel"]), as_=LayerViolationError)

    assert error.startswith("silver.visits reads gold.funnel, a layer above its own.")


def test_a_name_declared_twice_is_refused_and_the_same_table_met_twice_is_not():
    assert refused(RAW, declared("events_raw", "bronze")) == (
        "'events_raw' is declared twice: in <string>:1 and in <string>:1. Rename one of them."
    )
    assert len(Catalog([RAW, RAW])) == 1


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"key": ("id",)}, "gold.t has no column 'id' to be its key or partition."),
        ({"partition_by": ("day",)}, "gold.t has no column 'day' to be its key or partition."),
        ({"columns": (FEED, FEED)}, "gold.t declares a column twice."),
        (
            {"key": ("feed", "x"), "columns": (FEED, col("x", "double", "A number", unit="1"))},
            "gold.t.x is a double and cannot be in the key: -0.0 and 0.0 are one key for some engines and two for "
            "others. Declare it as decimal(p,s) or as string.",
        ),
        ({"doc": ""}, "gold.t needs a docstring whose first sentence says what one row is."),
        ({"columns": (col("feed", "string", ""),)}, "gold.t.feed needs a meaning."),
        ({"columns": (col("n", "bigint", "How many"),)}, "gold.t.n is a number or time and needs a unit."),
        ({"columns": (col("n", "decimal(18,2)", "How much"),)}, "gold.t.n is a number or time and needs a unit."),
        ({"columns": (col("at", "timestamp", "When"),)}, "gold.t.at is a number or time and needs a unit."),
        ({"write": Upsert(order_by="at", keep="first")}, "gold.t is upserted and needs a key and a time column 'at'."),
        ({"write": Upsert(order_by="then", keep="first"), "key": ("feed",)}, "needs a key and a time column 'then'."),
        ({"write": Scd2("then")}, "gold.t is a history and its changes need the column 'then'."),
        (
            {"write": Scd2("feed", changed_columns="says")},
            "gold.t is a history and its changes need the column 'says'.",
        ),
        ({"write": Scd2("feed")}, "gold.t is a history and needs the column 'valid_from'. Add *VALIDITY."),
        ({"write": Scd2("feed"), "columns": (FEED, *VALIDITY)}, "it is partitioned by valid_to_month."),
        ({"incremental": ("events",)}, "Unknown table 'events', read by gold.t (as a stream)."),
        (
            {"write": Replace("day", one_to_one_with="events")},
            "'events', read by gold.t (as what each row is made of).",
        ),
        ({"layer": "bronze", "write": Replace()}, "bronze.t is bronze: it is only ever appended to."),
    ],
)
def test_a_declaration_that_cannot_work_is_refused(more, error):
    assert error in refused(declared("t", **more))


@pytest.mark.parametrize("name", ["payload_hash", "view_rate", "value_score", "sales_rank", "line", "conversion"])
def test_a_number_without_dimension_needs_no_unit(name):
    assert Catalog([declared("t", columns=(col(name, "bigint", "A number"),))])


def test_what_a_package_declares_is_collected_and_what_it_imports_only_once():
    found = Catalog.from_package(tables)

    assert {"events_raw", "events", "sales_daily"} <= set(found)
    names = [table.name for table in found.ordered]
    assert len(set(names)) == len(names) == len(found)
    assert all(names.index(read) < names.index(name) for name in names for read in found[name].inputs)


def test_a_package_of_ones_own_is_collected_too(tmp_path, monkeypatch):
    package = tmp_path / "mine"
    (package / "gold").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "gold" / "__init__.py").touch()
    (package / "gold" / "totals.py").write_text(
        "from shoplake.declare import Replace, col, table\n"
        "@table('gold', write=Replace(), columns=[col('feed', 'string', 'Which shop')])\n"
        "def totals():\n    'One row per feed.'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    import mine

    assert list(Catalog.from_package(mine)) == ["totals"]
    sys.modules.pop("mine")


def test_a_table_that_is_not_declared_is_the_default():
    catalog = Catalog([RAW, EVENTS])

    assert [catalog.get(name) for name in ("events", "silver.events", "gone")] == [EVENTS, EVENTS, None]
    assert catalog.get("gone", RAW) is RAW


def test_a_name_is_in_the_catalog_with_or_without_its_layer():
    catalog = Catalog([RAW, EVENTS])

    assert [name in catalog for name in ("events", "silver.events", "gold.events", "event", 1)] == [True] * 2 + [
        False
    ] * 3


def test_an_interval_that_is_no_duration_is_refused_with_the_name_of_its_table():
    assert refused(RAW, declared("events", "silver", ["events_raw"], watch_interval="a while")) == (
        "silver.events has watch_interval = 'a while'. 'a while' is not a duration. Write one such as '90 minutes', "
        "'26 hours' or '7 days'."
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ops.files", "ops.files is a table of the state store, which takes no rules."),
        (
            "silver.marks_quarantine",
            "silver.marks_quarantine is written with silver.marks and takes no rules. Add them to",
        ),
        ("prices_changelog", 'Add them to that table: extend("silver.prices", …).'),
    ],
)
def test_a_table_that_shoplake_writes_beside_others_takes_no_rules_and_the_error_says_which_does(name, said):
    with pytest.raises(DeclarationError) as error:
        SAMPLES.extended((), [extend(name, expectations=[warn("mine", "TRUE")])])

    assert said in str(error.value)
