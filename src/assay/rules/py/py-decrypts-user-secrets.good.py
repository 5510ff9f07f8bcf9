import keyring

password = keyring.get_password("my-server", "me")
