// ruleid: js-signal-public-ip
fetch("https://api.ipify.org?format=json");
