"""One module per systemd unit, and the `estation` command: read settings, build the parts, run. Wiring only."""
