"""Files and frames: opened, understood and reported on; the public names are those of the room around."""
