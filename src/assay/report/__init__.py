"""Findings to text: one function a format, each escapes what a stranger wrote."""
