import pytest
from deltalake import DeltaTable
from pyspark.sql import functions as F

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.tables.bronze.categories_raw import categories_raw
from shoplake.tables.silver.categories import categories

HEADER = "categoryid,parentid"
TREE = ("1,", "2,1", "3,2", "4,9", "5,5")


@pytest.fixture
def build(arrived, retailrocket):
    """The rows of lines of a tree."""
    return lambda *lines: categories(arrived(categories_raw, *lines, header=HEADER), feeds=(retailrocket,))


@pytest.fixture
def engine(spark, tmp_path):
    delta = DeltaEngine(spark, str(tmp_path))
    delta.create_if_missing(categories)
    return delta


def test_a_category_knows_its_parent_root_depth_and_path(build):
    rows = build(*TREE).orderBy("category_id").collect()

    assert [tuple(row)[1:7] for row in rows] == [
        ("1", None, "1", 0, "1", None),
        ("2", "1", "1", 1, "1/2", None),
        ("3", "2", "1", 2, "1/2/3", None),
        ("4", "9", "4", 0, "4", "orphan"),
        ("5", "5", None, None, None, "circle"),
    ]


def test_invalid_lines_are_quarantined_with_their_line_and_the_tree_excludes_them(engine, build):
    written = engine.write(categories, build("1,", "2,1,7", "3,x", ",1", '"4,1', "2,1", "2,1"))

    assert written == WriteResult(7, 2, 4, 1, violations=written.violations)
    quarantined = engine.read(categories.quarantine).orderBy("line").collect()
    assert [(row.line, row.raw, row.reasons) for row in quarantined] == [
        (2, "2,1,7", ["fields_fit_header"]),
        (3, "3,x", ["parentid_fits_type"]),
        (4, ",1", ["category_id_present"]),
        (5, '"4,1', ["fields_fit_header"]),
    ]


def test_a_category_outside_the_tree_is_counted_and_stays(engine, build):
    written = engine.write(categories, build(*TREE))

    assert (written.rows_written, written.rows_quarantined, dict(written.violations)) == (
        5,
        0,
        {"stands_in_the_tree": 2},
    )
    assert engine.row_count(categories) == 5


def test_writing_the_same_again_leaves_the_same_rows(engine, build):
    for _ in range(2):
        engine.write(categories, build(*TREE, "6,1,"))

    result = [DeltaTable(engine.path(each)).to_pyarrow_table().num_rows for each in (categories, categories.quarantine)]
    assert result == [5, 1]


def test_a_later_file_moves_a_category_and_leaves_those_not_in_it(arrived, retailrocket):
    old, new = arrived(categories_raw, *TREE, file="tree-1.csv"), arrived(categories_raw, "3,1", file="tree-2.csv")
    both = [one.unionAll(two).withColumn("header", F.lit(HEADER)) for one, two in ((old, new), (new, old))]

    result = [{row.path for row in categories(each, feeds=(retailrocket,)).collect()} for each in both]

    assert result == [{"1", "1/2", "1/3", "4", None}] * 2


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (("b1", "tree-9.csv"), ("b1", "tree-10.csv")),
        (("b1", "tree.csv"), ("b1", "tree (1).csv")),
        (("b1", "z"), ("b2", "a")),
    ],
)
def test_the_file_that_arrived_last_moves_a_category(arrived, retailrocket, earlier, later):
    sent = [
        arrived(categories_raw, *lines, header=HEADER, batch_id=batch, file=file)
        for lines, (batch, file) in ((TREE, earlier), (("3,1",), later))
    ]

    rows = categories(sent[1].unionAll(sent[0]), feeds=(retailrocket,)).collect()

    assert {row.path for row in rows if row.category_id == "3"} == {"1/3"}
