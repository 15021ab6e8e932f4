"""``make desk``: one box on one page, for practice, for a look at a library, and for breaking things."""
