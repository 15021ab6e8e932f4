"""The centre: registry, collector, weekly verdicts, authority, broker's configuration and pages."""
