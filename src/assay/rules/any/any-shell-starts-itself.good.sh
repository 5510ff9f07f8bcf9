#!/bin/sh
. ~/.bashrc
crontab -l
