"""Tests of `ao_runtime/store`."""
