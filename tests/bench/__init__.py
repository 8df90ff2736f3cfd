"""Benchmarks, apart from the tests: `script/bench` runs them, and no time makes a test fail."""
