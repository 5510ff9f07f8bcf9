if (code >= 0xfe00 && code <= 0xfe0f) return true;
