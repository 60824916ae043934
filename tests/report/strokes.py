"""Ten digits as a hand with a mouse draws them: lists of strokes, each a list of points on a canvas of 280 x 280."""

from math import cos, pi, sin


def arc(x: float, y: float, width: float, height: float, begin: float, end: float) -> list[tuple[float, float]]:
    """Points along an ellipse about (x, y), from one angle to another (in half turns, 0 to the right, clockwise)."""
    angles = [pi * (begin + (end - begin) * step / 24) for step in range(25)]
    return [(round(x + width * cos(angle), 1), round(y + height * sin(angle), 1)) for angle in angles]


DIGITS = {
    0: [arc(140, 140, 50, 80, -0.5, 1.5)],
    1: [[(150, 60), (146, 100), (142, 140), (138, 180), (134, 220)]],
    2: [[*arc(140, 105, 50, 45, -1, 0.2), (150, 160), (120, 190), (90, 218), (140, 216), (195, 214)]],
    3: [[*arc(130, 100, 48, 38, -0.9, 0.5), *arc(130, 180, 55, 42, -0.5, 0.85)]],
    4: [[(110, 60), (100, 100), (92, 145), (130, 146), (195, 142)], [(172, 66), (168, 120), (164, 170), (160, 225)]],
    5: [[(185, 65), (140, 66), (105, 68), (100, 105), (96, 135), *arc(132, 170, 52, 48, -0.75, 0.8)]],
    6: [[(165, 58), (130, 90), (105, 135), (95, 180), *arc(138, 185, 43, 38, -1, 1)]],
    7: [[(85, 70), (130, 68), (190, 66), (175, 105), (155, 150), (138, 190), (125, 225)]],
    8: [[*arc(140, 100, 38, 38, 0.5, -1.5), *arc(140, 180, 46, 42, -0.5, 1.5)]],
    9: [[*arc(138, 105, 42, 40, 0, -2), (178, 140), (172, 180), (160, 225)]],
}
