"""Single units, among units of others."""
