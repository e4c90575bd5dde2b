"""Runs the stage ``local``: the same stacks on the embedded emulator, behind one address on this machine."""
