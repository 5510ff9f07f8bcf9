import ctypes

code = b"\x90\x90\xc3"
kernel = ctypes.windll.kernel32
# ruleid: py-runs-shellcode
place = kernel.VirtualAlloc(0, len(code), 0x3000, 0x40)
# ruleid: py-runs-shellcode
kernel.RtlMoveMemory(place, code, len(code))
