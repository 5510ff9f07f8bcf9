"""Artefacts: what is launched, fetched as bytes and never executed here."""
