"""Trust decisions: pure functions over bytes, a trust root, an identity and a clock."""
