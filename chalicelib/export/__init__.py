"""The exported table as files: CSV and Parquet, laid out as Athena reads them, and SQL on them with DuckDB."""
