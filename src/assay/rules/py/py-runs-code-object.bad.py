import marshal
import types

# ruleid: py-runs-code-object
marshal.loads(b"c")
# ruleid: py-runs-code-object
types.FunctionType(marshal.load(open("x.bin", "rb")), globals())()
