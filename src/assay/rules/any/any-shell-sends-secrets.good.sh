#!/bin/sh
curl -H "Authorization: $TOKEN" https://example.com
ls ~/.ssh
