"""ILCD, eILCD and ILCD+EPD: the tree of the national package as XML, and the reading of other people's packages."""
