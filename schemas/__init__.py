"""What is said: the events of the departments and of the program itself, as pydantic models, and the topic table."""
