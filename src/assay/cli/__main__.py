"""``python -m assay.cli``."""

from assay.cli import script

script()
