shot = None
