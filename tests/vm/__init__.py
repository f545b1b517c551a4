"""The VM: sandbox, limits, border."""
