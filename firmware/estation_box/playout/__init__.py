"""Making the screen follow the programme, and knowing what was really shown."""
