"""`ao-run net`, each command in the real program."""
