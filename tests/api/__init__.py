"""The API: the same clinic, for programs."""
