"""On call: who is on duty at an instant, by rotations in layers, overrides and leave. Pure, like every rule."""
