"""Why an alert is there: the records it rests on, what each did, and whether they give it again."""
