"""Write modes, one file each."""
