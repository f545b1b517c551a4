"""ao Connect for Python, against real servers."""
