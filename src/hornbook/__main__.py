"""`python -m hornbook` is the same as `hornbook`."""

from hornbook.cli import main

if __name__ == "__main__":
    main()
