"""`python -m listfold` is the command `listfold`."""

from listfold.cli import command

command()
