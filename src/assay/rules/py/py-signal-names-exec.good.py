run = print
