"""The package's tree again, as tests."""
