"""What happened here, kept until the centre has it."""
