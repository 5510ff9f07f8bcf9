#!/bin/sh
# ruleid: any-shell-destroys
rm -rf "$HOME"
# ruleid: any-shell-destroys
rm -rf --no-preserve-root /
