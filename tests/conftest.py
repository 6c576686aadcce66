"""Its place lets every test folder import ``fakes``."""

from __future__ import annotations

import signal

# A runner that was started in the background hands down an ignored Ctrl-C, which some tests are about.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
