"""Images that people send: checked, and written anew, before anything is kept."""
