#!/bin/sh
echo 'xmrig is blocked'
