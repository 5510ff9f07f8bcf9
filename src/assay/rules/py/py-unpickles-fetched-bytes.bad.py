import pickle

import requests


def model():
    # ruleid: py-unpickles-fetched-bytes
    return pickle.loads(requests.get("https://example.com/m").content)
