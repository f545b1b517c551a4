"""For all tests: hypothesis measures no time (the machine may be busy), and prints how to repeat a failure.

In CI it always tries the same examples: a change must not fail because of what chance has brought to light. On a
developer's machine every run tries others.

Ctrl-C is heard, also where the tests were started in the background of a shell, which has its programs ignore it: some
tests send it.
"""

import os
import signal

from hypothesis import settings

settings.register_profile("ao", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
settings.load_profile("ao")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
