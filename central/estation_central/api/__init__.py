"""The read API: what the pages show, for other programs, behind a token that reaches as far as its user."""
