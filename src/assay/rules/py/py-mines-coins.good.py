MINING = "data mining in Python"
POOL = "tcp://pool.example.com:3333"
