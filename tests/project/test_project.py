import pytest

from project.conftest import KIND, RULES, SETTINGS, TABLE, lake_of
from shoplake import Lake, tables
from shoplake.declare import FeedKind, Replace, Stream, col, extend, table, warn
from shoplake.declare.catalog import Catalog
from shoplake.errors import DeclarationError, KindError, ProjectError, SettingsError
from shoplake.project import Project, load_project


def test_own_kinds_tables_and_rules_are_loaded_run_and_read(lake):
    result = lake.run()

    assert lake.sql("SELECT lines FROM gold.line_counts").collect()[0].lines == 4
    assert lake.table("feed_counts").collect()[0].lines == 2
    [lines] = [step.result for step in result.tables if step.table == "silver.order_lines"]
    assert (lines.rows_written, dict(lines.violations)) == (
        2,
        {"amount_has_two_decimals": 0, "currency_is_code": 0, "is_cheap": 1, "is_low": 1, "price_known": 0},
    )
    assert lake.verify() == []


@pytest.mark.slow
def test_own_tables_are_updated_incrementally(lake, write):
    lake.run()
    write({"landing/b.csv": "id,at,price\n4,2026-03-01 09:00,5.00\n"})
    lake.run()

    assert lake.table("line_counts").collect()[0].lines == 6
    assert lake.run().tables == []


@pytest.mark.parametrize(
    ("old", "new"), [("F.count", "2 * F.count"), ("FACTOR = 2", "FACTOR = 3")], ids=["plan", "python"]
)
def test_a_run_of_code_that_was_edited_since_does_not_pass_for_the_edited_one(lake, project, old, new):
    lake.run()
    loaded, file = lake_of(project, "line_counts"), project / "tables/gold/line_counts.py"
    file.write_text(file.read_text().replace(old, new))

    loaded.run()

    [change] = [each for each in lake_of(project, "line_counts").plan_changes().changes if "line" in each.table]
    assert (change.table, change.action.name) == ("gold.line_counts", "REBUILD")


def test_a_lake_whose_kind_is_unknown_can_be_read_and_not_run(project):
    lake_of(project, "order_lines").run()
    (project / "feeds/stall.py").unlink()

    opened = lake_of(project, "order_lines")

    assert opened.table("silver.order_lines").count() == 2
    assert opened.verify() == []
    with pytest.raises(SettingsError, match=r"feeds\.stall\.kind = 'stall'\. There are: online_retail, "):
        opened.run()


@pytest.mark.parametrize("change", [Lake.plan_changes, Lake.apply])
def test_changes_of_a_lake_whose_kind_is_unknown_are_refused(project, change):
    (project / "feeds/stall.py").unlink()

    with pytest.raises(SettingsError, match=r"feeds\.stall\.kind = 'stall'"):
        change(lake_of(project, "order_lines"))


def test_a_lake_without_time_zone_and_currency_says_what_to_write_before_it_runs(write):
    settings = SETTINGS.format(kind="zenith").replace("timezone", "# timezone").replace("currency", "# currency")
    folder = write({"shoplake.toml": settings})

    with pytest.raises(SettingsError) as error:
        Lake.open(folder / "shoplake.toml").run()

    place = f"{folder / 'shoplake.toml'}: feeds.stall"
    assert str(error.value).splitlines() == [
        f'{place} has no timezone. Write the shop\'s own, such as: timezone = "Europe/London"',
        f'{place} has no currency. Write the shop\'s own, such as: currency = "GBP"',
    ]


def test_a_mistake_of_an_own_kind_is_found_before_a_file_is_read(write):
    wrong = KIND.replace('alias("unit_price")', 'alias("unit_prise")')
    folder = write(
        {"shoplake.toml": SETTINGS.format(kind="stall"), "feeds/stall.py": wrong, "landing/a.csv": "id\n1\n"}
    )
    lake = Lake.open(folder / "shoplake.toml")

    with pytest.raises(KindError, match=r"^Kind 'stall': sold\(\) returns the column 'unit_prise', .*'unit_price'\?$"):
        lake.run()

    (folder / "feeds/stall.py").write_text(KIND)
    assert lake_of(folder, "order_lines").run().files == 1


def test_two_tables_of_one_name_are_an_error_that_names_both_files(write):
    folder = write({"tables/gold/sales_daily.py": TABLE.format(name="sales_daily", reads="order_lines")})

    with pytest.raises(DeclarationError) as error:
        load_project(folder).catalog  # noqa: B018 - it is built when first used

    assert "shoplake/tables/gold/sales/sales_daily.py:" in str(error.value)
    assert f"{folder}/tables/gold/sales_daily.py:" in str(error.value)


def test_two_kinds_of_one_name_are_an_error_that_names_both_files(write):
    folder = write({"feeds/one.py": KIND, "feeds/two.py": KIND})

    with pytest.raises(ProjectError) as error:
        load_project(folder)

    assert str(error.value) == (
        f"The kind 'stall' is in {folder}/feeds/one.py and in {folder}/feeds/two.py. Rename one of them."
    )


def test_two_rules_of_one_name_are_an_error(write):
    folder = write({"rules.py": RULES.replace("is_cheap", "price_known")})

    with pytest.raises(DeclarationError, match=r"silver\.order_lines has a rule 'price_known' already\."):
        load_project(folder).catalog  # noqa: B018


def test_kinds_tables_and_rules_come_from_python_too(write):
    folder = write({"shoplake.toml": SETTINGS.format(kind="mine")})

    @table("gold", key="feed", write=Replace(), columns=[col("feed", "string", "The feed")])
    def feeds_seen(order_lines):
        """One row per feed."""
        return order_lines.select("feed").distinct()

    kind = FeedKind("mine", "Mine", (Stream("*.csv", "csv", into="orders_raw"),), {})
    rules = [extend("gold.feeds_seen", expectations=[warn("feed_present", "feed IS NOT NULL")])]

    lake = Lake.open(folder / "shoplake.toml", kinds=[kind], tables=[feeds_seen], rules=rules)

    assert lake.settings.feeds[0].kind is kind
    assert [rule.name for rule in lake.catalog["gold.feeds_seen"].rules] == ["feed_present"]


def test_rules_that_a_table_is_declared_with_are_checked_as_added_ones_are():
    @table(
        "gold",
        key="feed",
        write=Replace(),
        columns=[col("feed", "string", "The feed")],
        expectations=[warn("feed_present", "fed IS NOT NULL")],
    )
    def feeds_seen(order_lines):
        """One row per feed."""
        return order_lines.select("feed").distinct()

    with pytest.raises(DeclarationError, match=r"'feed_present' of gold\.feeds_seen reads the column 'fed'"):
        Project(tables=(feeds_seen,)).catalog  # noqa: B018


def test_without_a_project_the_kinds_and_tables_are_those_of_the_package():
    project = Project()

    assert project.own_kinds == []
    assert list(project.catalog) == list(Catalog.from_package(tables))
