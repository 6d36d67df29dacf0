"""The four services. They never import each other: what they tell each other is an event (shared.contracts)."""
