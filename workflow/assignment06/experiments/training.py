"""Train one experiment's ConvNet, an epoch at a time, so that a killed run goes on where it was.

Every epoch is a function of the saved state (weights, optimiser, dropout's random state) and of (seed, epoch)
alone: the order of the images and their augmentation are drawn anew for each epoch. A run that is interrupted
and started again therefore ends with the same weights as one that was not.
"""

from pathlib import Path

from assignment06.backend import compute
from assignment06.config.experiment import Experiment
from assignment06.data.prepared import DatasetDescription, load_split
from assignment06.experiments import networks
from assignment06.experiments.checkpoints import Checkpoints
from assignment06.experiments.fitting import Examples, facts_of, fit, write_history
from assignment06.experiments.mirroring import looking_again
from assignment06.experiments.normalisation import fuse
from assignment06.experiments.results import TrainingFacts
from assignment06.experiments.subsets import chosen_places
from assignment06.experiments.summary import write_summary
from assignment06.shared.files import atomic_path, sha256_file, sha256_json


def train_convnet(
    experiment: str, settings: Experiment, train: str, description: str, model: str, summary: str, history: str,
    facts: str, checkpoints: str, threads: int, code: str,
) -> None:  # fmt: skip
    """Train an experiment on a prepared training set, and write the model, its summary, history and facts.

    `settings` is the experiment's row of the config; `train` an .npz of uint8 `x` [n, h, w, c] and `y` [n]; `code` a
    digest of the code, for a state in `checkpoints` that other code left is not gone on with.
    The saved model has the weights of the epoch with the best validation accuracy (the later one of equals
    never wins), no optimiser state, and is compiled for `evaluate` with integer labels. Where the row says so, it looks
    at the mirror image too, or more (`mirroring`); epochs are measured without it.
    Raises AssignmentError when the loss is no longer finite or the split leaves a class without images.
    """
    compute.configure(threads, settings.seed)
    prepared = DatasetDescription.read(description)
    images, labels = load_split(train)
    kept, held = chosen_places(
        labels, settings.validation_split, settings.seed, settings.images_per_class, prepared.data_source == "sample"
    )
    examples = Examples(images[kept], labels[kept], (images[held], labels[held]), len(prepared.classes))
    state = Checkpoints(Path(checkpoints), sha256_json([settings.plain(), sha256_file(train), code]))

    shape = (None, None, images.shape[3]) if settings.low_resolution_share else images.shape[1:]
    net = networks.build(settings.model, shape, examples.classes, settings.dropout, settings.seed)
    networks.adapt(settings.model, net, examples.x)
    fuse(net)
    rows = fit(net, experiment, settings, examples, state)
    final = networks.build(settings.model, images.shape[1:], examples.classes, settings.dropout, settings.seed)
    final.set_weights(state.best)
    if settings.test_time_augmentation != "none":
        final = looking_again(final, shifts=settings.test_time_augmentation == "mirror_and_shifts")
    final.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=compute.compile_with_xla())
    write_history(rows, history)
    result = facts_of(final, rows, examples, settings, train, threads, state.chosen(rows))
    if settings.test_time_augmentation != "none":
        once = rows[result.chosen_epoch - 1]["val_accuracy"]
        result = TrainingFacts.model_validate({**result.plain(), "validation_accuracy_once": once})
    write_summary(final, summary)
    result.write(facts)
    with atomic_path(model) as part:
        final.save(part)
    state.clear()
