#!/bin/sh
rm -rf "$HOME/.cache/mine"
rm -rf build/
