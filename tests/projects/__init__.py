"""Tests of `ao_runtime.projects`."""
