import win32crypt

# ruleid: py-decrypts-user-secrets
key = win32crypt.CryptUnprotectData(b"x", None, None, None, 0)[1]
