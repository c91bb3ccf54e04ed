from deltalake import DeltaTable
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.write.table_location import PathTable


def test_texts_that_python_gives_spark_name_no_collation_in_the_log(on_spark, tmp_path):
    path = str(tmp_path / "table")
    rows = on_spark.range(2).select(F.col("id").cast(StringType()).alias("text"))

    PathTable(on_spark, path, SPARK, can_change_schema=True).overwrite(rows)

    assert DeltaTable(path).to_pyarrow_table().column("text").to_pylist() == ["0", "1"]
    assert "collat" not in (tmp_path / "table/_delta_log" / f"{0:020d}.json").read_text().lower()
