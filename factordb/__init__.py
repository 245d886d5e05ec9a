"""factordb: emission factors that are traceable, valid, uncertainty-analysed and rated."""
