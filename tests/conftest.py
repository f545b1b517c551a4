"""For all tests: hypothesis measures no time (the machine may be busy), and prints how to repeat a failure."""

from hypothesis import settings

settings.register_profile("ao", deadline=None, print_blob=True)
settings.load_profile("ao")
