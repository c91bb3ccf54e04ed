from dataclasses import replace

from sample_changes import TABLES
from sample_tables import feed

from shoplake.declare.catalog import Catalog
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.operations.definitions.source_code import import_graph
from shoplake.operations.definitions.source_stamp import Stamps, definition_memo


def stamps(spark, folder, declared=TABLES, of=None):
    return Stamps(DeltaEngine(spark, str(folder)), Catalog(declared.values()), (of or feed(folder),))


def stamped(spark, folder, declared=TABLES, of=None):
    return stamps(spark, folder, declared, of).lake


def changed_tables(before, after):
    return sorted(name for name in before.tables if before.tables[name] != after.tables.get(name))


def test_the_stamp_is_the_same_as_long_as_nothing_changes(spark, tmp_path):
    assert stamped(spark, tmp_path) == stamped(spark, tmp_path) is not None


def test_a_setting_and_a_declaration_change_the_stamp(spark, tmp_path):
    other = TABLES | {"totals": replace(TABLES["totals"], key=())}
    others = {
        stamped(spark, tmp_path, of=replace(feed(tmp_path), timezone="Asia/Tokyo")),
        stamped(spark, tmp_path, other),
        stamped(spark, tmp_path),
    }

    assert len(others) == 3


def test_a_source_file_that_changes_changes_the_stamp(spark, tmp_path, monkeypatch):
    before = stamped(spark, tmp_path)
    added = tmp_path / "more.py"
    added.write_text("MORE = 1")
    files = import_graph.modules_of
    monkeypatch.setattr(import_graph, "modules_of", lambda package: [*files(package), (f"{package}.more", added)])

    assert stamped(spark, tmp_path) != before


def test_a_function_made_inside_another_has_no_stamp(spark, tmp_path):
    def build(daily):
        return daily

    local = TABLES | {"totals": replace(TABLES["totals"], build=build, _name="totals", _doc="One row.")}

    assert stamped(spark, tmp_path, local) is None


def test_what_is_known_of_a_stamp_is_shared_unless_a_function_is_another(tmp_path):
    def build(daily):
        return daily

    catalog, feeds = Catalog(TABLES.values()), (feed(tmp_path),)
    other = Catalog((TABLES | {"totals": replace(TABLES["totals"], build=build, _name="totals", _doc="One.")}).values())

    known = definition_memo(1, catalog, feeds)

    assert definition_memo(1, Catalog(TABLES.values()), (feed(tmp_path / "other"),)) is known
    assert definition_memo(2, catalog, feeds) is not known
    assert definition_memo(1, other, feeds) is not known
    assert definition_memo(None, catalog, feeds) is not definition_memo(None, catalog, feeds)


def test_a_setting_changes_the_stamps_of_the_tables_that_it_reaches(spark, tmp_path):
    before, after = (
        stamps(spark, tmp_path, of=replace(feed(tmp_path), timezone=zone)) for zone in ("UTC", "Asia/Tokyo")
    )

    assert changed_tables(before, after) == ["silver.local_marks"]


def test_a_declaration_changes_the_stamps_of_a_table_and_of_those_that_read_it(spark, tmp_path):
    other = TABLES | {"daily": replace(TABLES["daily"], columns=TABLES["daily"].columns[:-1])}

    changed = changed_tables(stamps(spark, tmp_path), stamps(spark, tmp_path, other))

    assert changed == ["gold.daily", "gold.doubles", "gold.helped", "gold.totals"]


def test_a_value_of_a_kind_changes_the_stamps_of_the_tables_that_it_maps(spark, tmp_path):
    one = feed(tmp_path)
    other = replace(one, kind=replace(one.kind, funnel_steps=("purchase",)))

    assert changed_tables(stamps(spark, tmp_path), stamps(spark, tmp_path, of=other)) == ["silver.local_marks"]


def test_a_table_whose_function_is_made_inside_another_has_no_stamp(spark, tmp_path):
    def build(daily):
        return daily

    local = TABLES | {"totals": replace(TABLES["totals"], build=build, _name="totals", _doc="One row.")}

    assert stamps(spark, tmp_path).tables.keys() - stamps(spark, tmp_path, local).tables.keys() == {"gold.totals"}


def test_no_file_of_a_library_that_only_carries_values_is_read(spark, tmp_path, monkeypatch):
    read = []
    files = import_graph.modules_of
    monkeypatch.setattr(import_graph, "modules_of", lambda package: read.append(package) or files(package))

    assert stamps(spark, tmp_path).tables

    assert "sample_tables" in read
    assert "pyspark" not in read
