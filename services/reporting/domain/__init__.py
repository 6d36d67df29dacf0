"""What reporting decides, pure: which question may be asked of the cube, and what may be published of the answer."""
