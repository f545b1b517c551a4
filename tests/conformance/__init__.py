"""Tests of `ao_runtime.conformance`."""
