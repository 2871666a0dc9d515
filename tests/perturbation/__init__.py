"""The samples' real files changed in every way people's files differ, against the truth."""
