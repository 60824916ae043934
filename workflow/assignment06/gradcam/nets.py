"""Look into trained nets: what their layers see, and where they looked when they were wrong."""

from collections.abc import Sequence

import keras
import pandas as pd

from assignment06.backend import compute
from assignment06.data.prepared import load_split
from assignment06.experiments.mirroring import looking_once
from assignment06.experiments.results import Metrics
from assignment06.gradcam.layers import plot_layers
from assignment06.gradcam.mistakes import plot_mistakes
from assignment06.gradcam.together import Looked, plot_together

IMAGE = 0  # of the test images: the same for all nets, so that they can be compared


def look_into_nets(
    models: Sequence[str], predictions: Sequence[str], metrics: Sequence[str], tests: Sequence[str],
    layers: Sequence[str], mapped: Sequence[str], maps: Sequence[str], groups: Sequence[Sequence[str]],
    together: Sequence[str], dpi: int, threads: int,
) -> None:  # fmt: skip
    """Plot for each saved net what its layers see, for the experiments `mapped` where it looked when it was wrong, and
    for `groups` of these, each of one data set, where they looked in the same images.

    `models`, `predictions`, `metrics`, `tests` (prepared test sets, .npz) and `layers` (what is written, PNG) belong to
    the experiments, in one order; `maps` (PNG too) to `mapped`, `together` to `groups`. They share one job, as
    TensorFlow takes longer to load than all of them to draw.
    """
    compute.configure(threads, seed=0)
    wanted = dict(zip(mapped, maps, strict=True))
    compared = {name for group in groups for name in group}
    kept, images_of = {}, {}
    for model, table, figures, test, plot in zip(models, predictions, metrics, tests, layers, strict=True):
        net = looking_once(keras.saving.load_model(model, compile=False, safe_mode=True))
        said, facts, images = pd.read_csv(table), Metrics.read(figures), load_split(test)[0]
        plot_layers(net, images[IMAGE], said[IMAGE : IMAGE + 1].to_dict("records")[0], facts, plot, dpi)
        if facts.experiment in wanted:
            plot_mistakes(net, said, facts, images, wanted[facts.experiment], dpi)
        if facts.experiment in compared:
            kept[facts.experiment], images_of[facts.experiment] = Looked(net, said, facts), images
    for group, plot in zip(groups, together, strict=True):
        plot_together([kept[name] for name in group], images_of[group[0]], plot, dpi)
