"""What the ensemble networks share: their base class, and the policy around them."""
