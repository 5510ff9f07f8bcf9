"""CI entry points: one thin file a command."""
