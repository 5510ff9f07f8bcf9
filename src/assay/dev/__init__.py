"""The embedded parts for trials: never a trust anchor of a real host."""
