"""Tests of `ao_runtime/network`."""
