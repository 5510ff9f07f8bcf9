new Intl.NumberFormat("en").format(1);
