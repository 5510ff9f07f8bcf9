"""The scan for malicious patterns: semgrep with our own rules, and checks over every byte.

``targets`` unpacks, ``run`` scans, and both say what could not be looked at.
"""

from __future__ import annotations

from assay.scan.model import Gap, Hit, Package, Scanned, ScannedFile, Target

__all__ = ["Gap", "Hit", "Package", "Scanned", "ScannedFile", "Target"]
