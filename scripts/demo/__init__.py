"""The demonstration: what ``make run`` shows on a machine that has no stick, no TV and no hall."""
