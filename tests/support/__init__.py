"""What several tests share: real parts on loopback, and registries made for one test."""
