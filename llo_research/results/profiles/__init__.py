"""Profiles as files, and what they hold."""
