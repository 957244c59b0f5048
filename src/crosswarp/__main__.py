"""`python -m crosswarp`: the command line."""

from crosswarp.cli.main import main

if __name__ == "__main__":
    main()
