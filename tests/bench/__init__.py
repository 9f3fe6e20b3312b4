"""How long the pages take, next to a floor measured in the same run: `make bench`."""
