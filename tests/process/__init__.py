"""Tests of `ao_runtime/process`."""
