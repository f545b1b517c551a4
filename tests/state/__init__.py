"""Tests of `ao_runtime/state`."""
