"""A Delta Sharing server: tables of the last finished run as Parquet files by signed links."""
