"""The explorer, in this program and in a real browser."""
