"""What panes want to look at, computed from the present state: each look is one file, and one row of `see.LOOKS`."""
