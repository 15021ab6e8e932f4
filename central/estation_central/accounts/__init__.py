"""Who may see and do what, and where: roles, scopes, the second factor, and the log of what was done."""
