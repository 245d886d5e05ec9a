"""The ledger and the signatures as verbs of the library: keys, checkpoints, proofs, signed releases."""

from factordb.writing import Writing


class Ledgering(Writing):
    """The verbs and questions of ledger and signatures."""
