"""Tests of how exercises are marked, without a screen."""
