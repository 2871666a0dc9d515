"""What people see: tables, charts and pages made from results. Nothing here knows a rule."""
