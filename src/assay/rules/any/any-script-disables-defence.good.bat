@echo off
reg query HKCU\Software\Example
