"""Pre-commit entry points: one thin file a hook."""
