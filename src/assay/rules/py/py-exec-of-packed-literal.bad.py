def spell(text):
    return text.swapcase()


# ruleid: py-exec-of-packed-literal
exec(spell("IMPORT_OSQWERTYUIOPASDFGHJKLZXCVBNMQWERTYUIOPASDFGHJKLZXCVBNMQWERTYUIOPASDFGHJKLZXCVBNMQWERTYUIOP"))
