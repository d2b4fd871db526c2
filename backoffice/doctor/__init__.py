"""Is everything as it should be? One module for each part of the organism; nothing is mended here, only said how."""
