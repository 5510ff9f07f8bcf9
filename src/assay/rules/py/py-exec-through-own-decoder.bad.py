import base64
import zlib


def unpack(text):
    text = text[::-1]
    return zlib.decompress(base64.b64decode(text))


# ruleid: py-exec-through-own-decoder
exec(unpack("=AbC"))

_ = lambda text: __import__("zlib").decompress(__import__("base64").b64decode(text[::-1]))
# ruleid: py-exec-through-own-decoder
exec((_)(b"=AbC"))
