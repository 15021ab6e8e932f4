"""The studio: an editor's machine, where the library is checked, signed and put on sticks. Signing stays offline."""
