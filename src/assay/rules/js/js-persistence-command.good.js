exec("crontab -l");
exec("systemctl status nginx");
