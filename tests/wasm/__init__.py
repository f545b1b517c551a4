"""Tests of published modules."""
