"""A typed client of the REST API: the verbs of the library, over HTTP."""

from factordb.client.calling import Client
from factordb.client.connection import RemoteError
from factordb.client.records import Choice, Comparison, Emission, Factor, Factors, Footprints, Page, Release
from factordb.client.standards import Standard, StandardPage, StandardRecord, StandardsCoverage, Target

__all__ = [
    "Choice",
    "Client",
    "Comparison",
    "Emission",
    "Factor",
    "Factors",
    "Footprints",
    "Page",
    "Release",
    "RemoteError",
    "Standard",
    "StandardPage",
    "StandardRecord",
    "StandardsCoverage",
    "Target",
]
