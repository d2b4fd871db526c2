"""The program: settings, wiring, command line. The only place where all parts meet."""
