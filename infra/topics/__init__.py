"""Topics as they are specified, on the cluster: `plan` says what would change, `apply` changes it.

A plan creates and configures. It never deletes a topic, and never gives one another number of partitions:
a key's later records would go to another partition than its earlier ones, away from their state.
"""

from infra.topics.cluster import TopicsError
from infra.topics.compare import ConfigChange, Creation, Plan, Refusal, plan
from infra.topics.reconcile import apply

__all__ = ["ConfigChange", "Creation", "Plan", "Refusal", "TopicsError", "apply", "plan"]
