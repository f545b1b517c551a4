"""ao-sdk's endpoints on a network that is served."""
