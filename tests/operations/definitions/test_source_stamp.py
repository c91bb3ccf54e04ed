from dataclasses import replace

from sample_changes import TABLES
from sample_tables import feed

from shoplake.declare.catalog import Catalog
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.operations.definitions import source_stamp
from shoplake.operations.definitions.source_stamp import definition_memo
from shoplake.operations.definitions.source_stamp import source_stamp as stamp


def stamped(spark, folder, declared=TABLES, of=None):
    return stamp(DeltaEngine(spark, str(folder)), Catalog(declared.values()), (of or feed(folder),))


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
    files = source_stamp._files
    monkeypatch.setattr(source_stamp, "_files", lambda package: [*files(package), added])

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
