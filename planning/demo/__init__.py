"""An invented clinic: two years behind today, a full day, and some weeks ahead.

The actions of the pages make the stories, today and what is ahead; `past` stores the rest as rows.
"""
