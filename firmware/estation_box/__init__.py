"""The Linux side of the box. Where you are is what you do: one room per concern."""
