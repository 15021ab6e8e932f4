"""Words, formats and pure decisions that the box, the centre and the studio share. No I/O."""
