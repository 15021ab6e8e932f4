"""Health, and the promise that something is showing when the programme says so."""
