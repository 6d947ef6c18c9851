"""Plain tables: one CSV or Parquet file per episode, with videos beside it where there are any."""
