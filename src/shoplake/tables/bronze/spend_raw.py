from pyspark.sql import DataFrame

from shoplake.columns.raw_record import BRONZE_COLUMNS
from shoplake.declare import Append, table


@table("bronze", write=Append(), partition_by=["batch_id"], columns=BRONZE_COLUMNS)
def spend_raw(landed: DataFrame) -> DataFrame:
    """One row per line of a file of ad spend, as it arrived."""
    return landed
