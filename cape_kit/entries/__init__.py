"""What the importer's files say: read whole, typed once, with file, sheet and row kept to the end."""

#: The setting that names a firm's folder of layouts, for all of its clients.
LAYOUTS_SETTING = "CAPE_KIT_LAYOUTS"
