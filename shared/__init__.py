"""Code that several functions import."""
