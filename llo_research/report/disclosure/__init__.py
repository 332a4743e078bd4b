"""What may leave a secure environment: the rules, what they hide of results that leave together, and why."""
