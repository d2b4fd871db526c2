"""What processors said and remember, computed anew from their inboxes and compared with what is recorded."""
