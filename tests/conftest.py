"""Its place lets every test folder import ``fakes``."""

from __future__ import annotations

import os
import signal

# A runner that was started in the background hands down an ignored Ctrl-C, which some tests are about.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Workers that run files side by side get a processor each, and everything that they start with them: kernels of two
# processes that both count on every processor wait for each other all the time.
if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and hasattr(os, "sched_setaffinity"):
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processors[int(worker.removeprefix("gw")) % len(processors)]})
