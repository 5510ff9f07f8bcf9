import os

# ruleid: py-reads-many-credentials
PLACES = ["~/.ssh/id_rsa", "~/.aws/credentials", "~/.kube/config", "~/.npmrc"]
for place in PLACES:
    print(os.path.expanduser(place))
