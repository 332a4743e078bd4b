"""What may be shown of a result: profiles of rules, and the rows that they withhold."""
