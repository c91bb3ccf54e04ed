"""Ground truth of the realistic shop, one Parquet file per subject."""
