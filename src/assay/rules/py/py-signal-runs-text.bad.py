text = input()
# ruleid: py-signal-runs-text
exec(text)
