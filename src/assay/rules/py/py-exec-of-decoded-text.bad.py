import base64
import builtins
import codecs
import marshal
import zlib
from base64 import b64decode as unpack

BLOB = "cHJpbnQoMSk="


def plainly():
    # ruleid: py-exec-of-decoded-text
    exec(base64.b64decode(BLOB))


def by_another_name():
    run = exec
    text = unpack(BLOB).decode()
    # ruleid: py-exec-of-decoded-text
    run(text)


def staged():
    inner = zlib.decompress(bytes.fromhex("789c"))
    code = compile(marshal.loads(inner), "<x>", "exec")
    # ruleid: py-exec-of-decoded-text
    builtins.__dict__["ex" + "ec"](code)


def rotated():
    # ruleid: py-exec-of-decoded-text
    eval(codecs.decode("cevag(1)", "rot13"))


def by_numbers():
    # ruleid: py-exec-of-decoded-text
    getattr(builtins, "exec")("".join(chr(c ^ 7) for c in [119, 117]))
