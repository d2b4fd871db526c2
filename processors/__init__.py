"""Topics to topics: pure rules, and the engine that runs them."""
