"""Trial footprints (试算): an inventory by life-cycle stage, its rules, its reckoning, scenarios and batches.

Pure: nothing here reads a file or a library. Factors come through the two questions a release answers, `Lookup`.
"""
