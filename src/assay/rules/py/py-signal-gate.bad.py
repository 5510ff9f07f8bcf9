import datetime

# ruleid: py-signal-gate
if datetime.date.today() >= datetime.date(2027, 1, 1):
    print("x")
