"""Who may use the console: local users or an OpenID provider, sessions, and what every request passes."""
