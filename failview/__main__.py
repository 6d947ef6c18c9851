"""`python -m failview` is the same as `failview`."""

from failview.cli.main import main

if __name__ == "__main__":
    main()
