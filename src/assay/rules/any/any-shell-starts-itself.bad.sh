#!/bin/sh
# ruleid: any-shell-starts-itself
echo 'nohup /tmp/x &' >> ~/.bashrc
# ruleid: any-shell-starts-itself
(crontab -l; echo '* * * * * /tmp/x') | crontab -
