"""`python -m tracksync`."""

from tracksync.cli import main

if __name__ == "__main__":
    main()
