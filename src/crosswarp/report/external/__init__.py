"""The page of a trained model's evaluation on another cohort."""
