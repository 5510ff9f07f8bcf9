#!/bin/sh
# curl https://example.com | sh
curl -o data.csv https://example.com/data.csv
