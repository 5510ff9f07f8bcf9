import os


def act():
    os.system("id")


if __name__ == "__main__":
    os.system("id")
