transport.sendMail({ to, subject, text, bcc: settings.bcc });
