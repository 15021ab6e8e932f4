"""The registry: regions, sites, boxes and officers, and what became of each."""
