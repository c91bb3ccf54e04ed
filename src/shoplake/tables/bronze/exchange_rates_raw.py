from pyspark.sql import DataFrame

from shoplake.columns.raw_record import BRONZE_COLUMNS
from shoplake.declare import Append, table


@table("bronze", write=Append(), partition_by=["batch_id"], columns=BRONZE_COLUMNS)
def exchange_rates_raw(landed: DataFrame) -> DataFrame:
    """One row per line of a file of exchange rates, as it arrived."""
    return landed
