import requests

# ruleid: py-asks-cloud-metadata
requests.get("http://169.254.169.254/latest/meta-data/iam/security-credentials/")
