from sample_tables import daily

from shoplake.operations.definitions.plans.plan_hash import empty_inputs, hash_plan

COLUMNS = {daily.name: {column.name: column.type for column in daily.columns}}


def reads(spark, build):
    return hash_plan(build(*empty_inputs(spark, [daily]).values()), COLUMNS).reads


def test_files_and_tables_are_found_wherever_they_are(spark):
    def build(rows):
        files = spark.read.schema("feed string").json(["/a.json", "/b.json"])
        return rows.join(files, "feed").join(spark.read.table("silver.x").select("feed"), "feed")

    assert reads(spark, build) == ("/a.json", "/b.json", "silver.x")


def test_a_source_without_a_path_is_named_by_its_format(spark):
    assert reads(spark, lambda rows: spark.read.format("jdbc").load()) == ("a source in the format jdbc",)


def test_the_inputs_and_a_view_are_nothing_beside_them(spark):
    assert reads(spark, lambda rows: rows.join(spark.table("days"), "feed")) == ()
