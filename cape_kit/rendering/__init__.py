"""Reports, one or many: a notebook is run, its outputs become a page, and a batch gets an index."""
