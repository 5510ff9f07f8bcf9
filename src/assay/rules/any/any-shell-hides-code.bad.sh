#!/bin/sh
# ruleid: any-shell-hides-code
echo Y3VybA== | base64 -d | sh
# ruleid: any-shell-hides-code
eval "$(echo Y3VybA== | base64 --decode)"
