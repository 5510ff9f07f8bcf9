from email.message import EmailMessage


def build(to, copies, body):
    message = EmailMessage()
    message["To"] = to
    message["Bcc"] = ", ".join(copies)
    message["From"] = "noreply@example.com"
    return message
