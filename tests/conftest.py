"""For all tests: hypothesis measures no time (the machine may be busy), and prints how to repeat a failure.

In CI it always tries the same examples: a change must not fail because of what chance has brought to light. On a
developer's machine every run tries others.
"""

import os

from hypothesis import settings

settings.register_profile("ao", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
settings.load_profile("ao")
