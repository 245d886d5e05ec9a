"""The exchange formats as verbs: which there are, export of a release, conversion of a file."""
