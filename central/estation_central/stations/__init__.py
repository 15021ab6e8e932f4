"""Stations and what they reported: tables, weeks, verdicts."""
