"""What goes out to CBP, and what comes back."""

#: The file in which a report keeps its entries' figures, for the next one to tell what changed (`last_report`), and how
#: it begins where this version can read it.
REPORT_ENTRIES = "entries.json"
REPORT_ENTRIES_BEGIN = b'{"cape_kit_entries":1,'
