"""What the life-cycle formats (EcoSpold 1 and 2, openLCA, SimaPro) share: a factor as a process with exchanges."""
