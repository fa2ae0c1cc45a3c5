"""What is measured. Each module is a command that prints its figures; `make bench` runs `benchmarks.sync`."""
