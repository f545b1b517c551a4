"""The library against the reference: the same generated calls to both, and every outcome compared."""
