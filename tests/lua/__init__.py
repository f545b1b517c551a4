"""The ao side."""
