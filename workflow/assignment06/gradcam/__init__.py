"""Where a net looked: Grad-CAM of mistakes and of photographs."""
