"""One incoming webhook: its address, its delivery log, the test listener, its settings."""
