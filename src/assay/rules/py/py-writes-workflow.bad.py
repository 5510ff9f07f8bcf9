from pathlib import Path

import requests

# ruleid: py-writes-workflow
Path(".github/workflows/build.yml").write_text("on: push")
# ruleid: py-writes-workflow
requests.put("https://api.github.com/repos/a/b/contents/.github/workflows/x.yml", json={})
