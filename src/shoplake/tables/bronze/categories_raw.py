from pyspark.sql import DataFrame

from shoplake.columns.raw_record import AS_ARRIVED
from shoplake.declare import Append, table


@table("bronze", write=Append(), partition_by=["batch_id"], columns=AS_ARRIVED)
def categories_raw(landed: DataFrame) -> DataFrame:
    """One row a record of a category tree, as it arrived."""
    return landed
