"""What the API of every app is made of: how programs prove who they are, what they send, and what they are answered."""
