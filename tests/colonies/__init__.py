"""Tests of `ao_runtime.colonies`."""
