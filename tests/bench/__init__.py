"""Figures of a running stack beside a direct call to the same model server: `make bench`."""
