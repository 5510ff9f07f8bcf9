def template(name):
    return "value = " + name.upper()


exec(template("x"))
