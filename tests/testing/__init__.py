"""Tests of what processes are tested with."""
