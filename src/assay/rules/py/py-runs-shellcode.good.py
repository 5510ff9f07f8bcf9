import mmap

view = mmap.mmap(-1, 4096, prot=mmap.PROT_READ)
