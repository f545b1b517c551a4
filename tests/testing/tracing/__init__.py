"""Tests of traces and of `why`."""
