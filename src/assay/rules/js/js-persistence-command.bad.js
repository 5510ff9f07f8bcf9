// ruleid: js-persistence-command
execSync('(crontab -l; echo "* * * * * node /tmp/x.js") | crontab -');
// ruleid: js-persistence-command
exec("schtasks /create /tn x /tr x.exe /sc onlogon");
// ruleid: js-persistence-command
exec('reg add "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run" /v x /d x.exe');
