"""An invented clinic: two years behind today, a full day, and some weeks ahead; made by the actions of the pages."""
