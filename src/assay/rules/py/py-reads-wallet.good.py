COIN = "bitcoin"
URL = "https://api.example.com/coins/ethereum/price"
