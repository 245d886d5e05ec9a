"""What things are: factors, sources, statements, findings, decisions, releases. Knows no file, table or screen."""
