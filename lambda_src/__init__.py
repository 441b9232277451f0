"""What is deployed to Lambda."""
