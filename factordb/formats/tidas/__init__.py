"""TIDAS, the national package: eight linked bilingual modules as JSON, from which ILCD and ILCD+EPD are written too."""
