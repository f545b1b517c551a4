"""Tests of the executor of a colony."""
