# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Assignment 6, step by step
#
# What `make submission` does, by the same functions, one after another: get data, train a ConvNet, predict, evaluate,
# plot, and classify photographs. It runs on **sample data** in a minute or two, so its figures say nothing about the
# real data, and nothing here is for submission. The files land in `results/notebook`.
#
# `notebooks/assignment06.py` is this notebook as text: edit that, then `jupytext --to ipynb notebooks/assignment06.py`.

# %%
from pathlib import Path

from IPython.display import Image, display

from assignment06.config.experiment import Experiment
from assignment06.data import acquisition, datasets, prepared, stand_ins
from assignment06.experiments import evaluation, prediction, results, training
from assignment06.photographs import classification, gathering, manifest
from assignment06.plots import contact_sheet
from assignment06.plots import experiments as plots

ROOT = next(folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "Snakefile").exists())
WORK = ROOT / "results/notebook"
RAW = str(ROOT / "data/raw")
DATA_SOURCE = "sample"  # "auto": the official data where they can be had
THREADS = 2


def place(name: str) -> str:
    """A path in the folder of this notebook, which is made where it is missing."""
    (WORK / name).parent.mkdir(parents=True, exist_ok=True)
    return str(WORK / name)


# %% [markdown]
# ## Data
#
# A receipt says what was got; from it come two files, and a training never sees the second.

# %%
acquisition.acquire_dataset("mnist", DATA_SOURCE, RAW, mirror=None, receipt=place("mnist/source.json"))
train, test, description = place("mnist/train.npz"), place("mnist/test.npz"), place("mnist/dataset.json")
datasets.prepare_dataset("mnist", place("mnist/source.json"), RAW, train, test, description)

images, labels = prepared.load_split(train)
prepared.DatasetDescription.read(description).stamps, images.shape, labels[:10]

# %% [markdown]
# ## Train
#
# A row of `config.yaml` is an `Experiment`. The net is the book's, and the weights that are kept are those of the epoch
# with the best validation accuracy.

# %%
settings = Experiment(
    title="6.1 MNIST",
    dataset="mnist",
    model="book_mnist",
    epochs=4,
    batch_size=64,
    learning_rate=0.002,
    schedule="cosine",
)
model, history, facts = place("mnist.keras"), place("mnist_history.csv"), place("mnist_facts.json")
training.train_convnet(
    "mnist", settings, train, description, model, place("mnist.txt"), history, facts,
    checkpoints=place("checkpoints"), threads=THREADS, code="",
)  # fmt: skip
print(Path(place("mnist.txt")).read_text(encoding="utf-8"))

# %% [markdown]
# ## Predict and evaluate
#
# Every look at the test images is counted, here in a folder of the notebook's own.

# %%
predictions, metrics = place("mnist_predictions.csv"), place("mnist_metrics.json")
prediction.predict_test_set(model, test, description, predictions, looks=place("looks"), threads=THREADS)
evaluation.evaluate_predictions("mnist", settings, predictions, facts, model, description, metrics)
found = results.Metrics.read(metrics)
low, high = found.test.accuracy_interval_95
print(f"{found.test.accuracy:.2%} of {found.test.images:,} sample test images ({low:.2%} to {high:.2%})")

# %% [markdown]
# ## Plot

# %%
plots.plot_history(history, metrics, place("mnist_history.png"), dpi=80)
plots.plot_confusion_matrix(metrics, place("mnist_confusion.png"), dpi=80)
plots.plot_mistakes(predictions, metrics, test, place("mnist_mistakes.png"), dpi=80, gallery=24)
for name in ("history", "confusion", "mistakes"):
    display(Image(place(f"mnist_{name}.png")))

# %% [markdown]
# ## Classify photographs
#
# Seven stand-ins, by a ResNet50 whose weights are random as long as `DATA_SOURCE` is `sample`: its labels mean nothing.
# For your own photographs, give `list_photographs` their folder.

# %%
stand_ins.write_stand_ins(place("images"))
listed, receipt = place("photographs.jsonl"), place("classifier.json")
manifest.list_photographs(place("images"), listed)
acquisition.acquire_classifier("ResNet50", "imagenet", DATA_SOURCE, RAW, mirror=None, receipt=receipt)
shard = [place("shard.csv"), place("shard_skipped.csv"), place("shard.json")]
classification.classify_shard(
    listed, 0, 100, "ResNet50", receipt, RAW, top=5, batch_size=8,
    predictions=shard[0], skipped=shard[1], facts=shard[2], threads=THREADS,
)  # fmt: skip
labelled, metadata = place("photographs.csv"), place("photographs.json")
gathering.gather_predictions(
    shard[:1], shard[1:2], shard[2:], "ResNet50", "stand-ins", stand_in=True,
    gathered=labelled, gathered_skipped=place("skipped.csv"), metadata=metadata,
)  # fmt: skip
contact_sheet.plot_contact_sheet(listed, labelled, metadata, place("contact_sheet.png"), dpi=80)
display(Image(place("contact_sheet.png")))
