"""Tests of data items and wallets."""
