"""Forms that describe a release to catalogues, archives and people: data package, Croissant, DataCite, PROV-JSON, XLSX.

They are written from a release as the exchange formats are; only the data package holds the rows as well and is read.
"""
