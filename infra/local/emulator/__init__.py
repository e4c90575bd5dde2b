"""MiniStack, the embedded AWS emulator, with the patches that the product needs."""
