"""What goes out to CBP, and what comes back."""
