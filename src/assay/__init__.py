"""A registry of MCP servers that is a git repository: reviewed, signed, verified before launch."""

__version__ = "0.1.0"
