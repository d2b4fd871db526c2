"""The HTTP API: Alertmanager's API v2, commands on alerts and groups, and the pages behind links in notices."""
