const url = "http://169.254.1.1/";
