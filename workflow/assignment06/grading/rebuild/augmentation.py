"""Random layers, which augment training images, and their arguments."""

from __future__ import annotations

from .values import Reader, choice, either, extents, nothing, number, several, whole

SIZE = whole(1, 65_536)
SMALL = number(-1e4, 1e4)
FORMAT = either(nothing, choice("channels_last", "channels_first"))
INTERPOLATION = choice("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5", "area", "mitchellcubic")
FILL = choice("constant", "reflect", "wrap", "nearest", "crop")
_pair = several(SMALL, 2)
_factor = either(nothing, SMALL, _pair)
_AUGMENT = {
    "factor": _factor,
    "data_format": FORMAT,
    "fill_mode": FILL,
    "fill_value": either(nothing, SMALL),
    "interpolation": INTERPOLATION,
    "value_range": _pair,
}


def _augmentation() -> dict[str, dict[str, Reader]]:
    """Random layers do nothing to an image that is predicted, save RandomCrop, which then cuts out its middle."""
    names = {
        "RandomFlip": ("data_format",),
        "RandomRotation": ("factor", "fill_mode", "fill_value", "interpolation", "data_format"),
        "RandomZoom": ("fill_mode", "fill_value", "interpolation", "data_format"),
        "RandomTranslation": ("fill_mode", "fill_value", "interpolation", "data_format"),
        "RandomShear": ("fill_mode", "fill_value", "interpolation", "data_format"),
        "RandomContrast": ("factor", "value_range", "data_format"),
        "RandomBrightness": ("factor", "value_range", "data_format"),
        "RandomCrop": ("data_format",),
        "RandomColorJitter": ("value_range", "data_format"),
        "RandomErasing": ("factor", "fill_value", "value_range", "data_format"),
        "RandomGaussianBlur": ("factor", "value_range", "data_format"),
        "RandomPerspective": ("factor", "fill_value", "interpolation", "data_format"),
        "RandomElasticTransform": ("factor", "fill_mode", "fill_value", "interpolation", "value_range", "data_format"),
    }
    listed = {name: {argument: _AUGMENT[argument] for argument in kept} for name, kept in names.items()}
    for name in ["ColorDegeneration", "Grayscale", "Hue", "Invert", "Posterization", "Saturation", "Sharpness"]:
        plain = ("factor", "data_format") if name == "Grayscale" else ("factor", "value_range", "data_format")
        listed[f"Random{name}"] = {argument: _AUGMENT[argument] for argument in plain}
    listed["RandomFlip"]["mode"] = choice("horizontal", "vertical", "horizontal_and_vertical")
    for name in ("RandomZoom", "RandomTranslation"):
        listed[name] |= {"height_factor": _factor, "width_factor": _factor}
    listed["RandomShear"] |= {"x_factor": _factor, "y_factor": _factor}
    listed["RandomCrop"] |= {"height": SIZE, "width": SIZE}
    for colour in ("brightness", "contrast", "saturation", "hue"):
        listed["RandomColorJitter"][f"{colour}_factor"] = _factor
    for name in ("RandomErasing", "RandomPerspective", "RandomElasticTransform"):
        listed[name]["scale"] = _factor
    listed["RandomGaussianBlur"] |= {"kernel_size": extents(2, 1, 255), "sigma": _factor}
    return listed


AUGMENTATION = _augmentation()
