"""Single units, each among others' units."""
