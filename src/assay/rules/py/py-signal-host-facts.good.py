who = "x"
