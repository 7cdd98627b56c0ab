"""Benchmarks: what a core of this machine does, beside a ticket system that many use."""
