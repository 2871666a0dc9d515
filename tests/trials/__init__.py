"""Files shaped as people really hold them, each with its right answer in `expected.toml`, written by hand."""
