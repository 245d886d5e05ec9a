"""The only room that knows a database: DuckDB for factors, a transactional engine for people's records."""
