@echo off
rem ruleid: any-script-disables-defence
netsh advfirewall set allprofiles state off
rem ruleid: any-script-disables-defence
reg add HKCU\Software\Microsoft\Windows\CurrentVersion\Run /v U /d x.exe
