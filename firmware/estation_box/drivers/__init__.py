"""One outside thing per module. A driver translates and decides nothing; its library's exceptions stop here."""
