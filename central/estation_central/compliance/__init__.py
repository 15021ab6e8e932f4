"""Met, not met or not due: every site, every week, with the evidence behind it, and the sums of what was shown."""
