"""An invented clinic: two years before today, a full day, and some weeks ahead.

The stories, today and the weeks ahead are created by the same actions as on the pages; `past` stores the rest as
rows.
"""
