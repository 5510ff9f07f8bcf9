// ruleid: js-signal-locale
if (Intl.DateTimeFormat().resolvedOptions().timeZone === "Europe/Somewhere") act();
