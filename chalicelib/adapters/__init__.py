"""The outside world behind the ports: stores, keys, clocks, messages."""
