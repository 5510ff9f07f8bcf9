#!/bin/sh
# ruleid: any-mines-coins
nohup /tmp/xmrig -o x &
