"""factordb: emission factors that are traceable, valid, uncertainty-analysed and rated.

The public face: `Library` is the front door, the others are what a pipeline declares.
"""

from factordb.model.pipeline import Correction, GasColumn, InputColumn, Pipeline, Record, Setting

__all__ = ["Correction", "GasColumn", "InputColumn", "Pipeline", "Record", "Setting"]
