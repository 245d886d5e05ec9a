"""What things are: factors, sources, findings, decisions, releases. Knows no file, table or screen."""
