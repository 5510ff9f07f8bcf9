from pathlib import Path

config = (Path.home() / ".config" / "mine.json").read_text()
