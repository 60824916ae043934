"""What nets see: their layers, and by Grad-CAM where they looked in mistakes and in photographs."""
