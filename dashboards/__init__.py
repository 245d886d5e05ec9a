"""The dashboard: a router (`app.py`), one file a page (`views/`), what pages share. No SQL, no rules here."""
