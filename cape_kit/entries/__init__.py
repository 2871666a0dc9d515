"""What the importer's files say: read whole, typed once, with file, sheet and row kept to the end."""
