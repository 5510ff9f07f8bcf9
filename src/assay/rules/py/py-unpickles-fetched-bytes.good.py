import pickle


def model(path):
    with open(path, "rb") as file:
        return pickle.load(file)
