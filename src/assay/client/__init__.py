"""The host: verify first, then install, hold and launch; one audit event for each attempt."""
