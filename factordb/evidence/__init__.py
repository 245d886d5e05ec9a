"""Raw files and other evidence, kept by their content."""
