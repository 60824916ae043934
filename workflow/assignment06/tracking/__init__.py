"""What a run does while it runs: a live page, and curves for TensorBoard or MLflow. It reads files and writes none."""
