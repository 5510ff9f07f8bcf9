const words = "mining for data";
