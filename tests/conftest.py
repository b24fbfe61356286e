"""Ctrl-C works in what tests start, also when they were started in the background by a shell, which has it ignored."""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
