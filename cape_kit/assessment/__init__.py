"""What follows, entry by entry: rules, decisions, clocks, money."""
