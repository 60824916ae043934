# What rules call: step(), and functions of the wildcards that find inputs and parameters. No rule stands here, and no
# function beside the rules (snakemake --lint).
from functools import cache

from assignment06.config.detection import keeps_test, only_measured
from assignment06.config.own_networks import is_own, own_file
from assignment06.orchestration.code_digest import code_digest


def step(function, *found, depends_on=()):
    """Parameters of a rule: the library function that its jobs call ("package.module:name"), and when they run again.

    `code` is a digest of what the function uses. `found` are functions of the wildcards that name more of it: what the
    function finds by a name from the config. `depends_on` (a value, or a function of the wildcards) is what else makes
    a job stale; the library function does not see it.
    """
    code = lambda wildcards: (
        code_digest(function, *filter(None, (one(wildcards) for one in found)))
        if found
        else code_digest(function)
    )
    return {"function": function, "code": code, "depends_on": depends_on}


def one_of(names):
    """A constraint of a wildcard: one of these names; of none, nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"


def net(wildcards):
    """What a training finds by its row's `model`."""
    model = STUDY.experiments[wildcards.experiment].model
    return str(own_file(model)) if is_own(model) else f"experiments.networks.{model}"


def policy(wildcards):
    """What a training finds by its row's `augmentation`."""
    name = STUDY.experiments[wildcards.experiment].augmentation
    return None if name == "none" else f"experiments.policies.{name}"


def row_of_experiment(wildcards):
    """Parameter function: an experiment's whole row."""
    return ROWS[wildcards.experiment]


def prepared(part):
    """Input function: a file of the prepared data set that an experiment uses."""
    return (
        lambda wildcards: f"{PREPARED}/{STUDY.experiments[wildcards.experiment].dataset}/{part}"
    )


def every_experiment(pattern):
    """The files of all experiments, in the order of the config's table."""
    return expand(unstored(pattern), experiment=EXPERIMENTS)


def unstored(path):
    """An output's path without its storage."""
    return internals.unstored(path, STORAGE)


def labels(kind):
    """Labels of an experiment's file in Snakemake's report."""
    return {"experiment": "{experiment}", "file": kind}


# rules/experiments.smk
def exports():
    """The figures of all rows that ask for an ONNX file."""
    return expand(f"{RESULTS}/metrics/export/{{experiment}}.json", experiment=EXPORTED)


# rules/data.smk
def official_dataset(wildcards):
    """The module of an official data set."""
    return f"data.official.{wildcards.dataset}"


def own_dataset(key):
    """Parameter function: what the config says of an own data set."""
    return lambda wildcards: getattr(STUDY.datasets[wildcards.dataset], key)


def folder_listing(wildcards):
    """Digest of what lies in the folder of an own data set."""
    return fingerprint(STUDY.datasets[wildcards.dataset].folder).digest


# rules/transfer.smk
def of_row(rows, wildcard, key):
    """Parameter function: what the row that a wildcard stands for says."""
    return lambda wildcards: getattr(rows[getattr(wildcards, wildcard)], key)


def backbone_file(name):
    """Input function: a file of the backbone that an experiment uses."""
    return (
        lambda wildcards: f"{PREPARED}/pretrained/{STUDY.experiments[wildcards.experiment].backbone}/{name}"
    )


def feature_shards(dataset, part):
    """In how many jobs the features of a data set's training or test images are computed."""
    if dataset not in STUDY.datasets:
        return 4 if part == "train" else 1
    images = fingerprint(STUDY.datasets[dataset].folder).images
    return max(1, -(-images // FEATURE_SHARD)) if part == "train" else 1


def feature_files(part, rows=STUDY.experiments, wildcard="experiment"):
    """Input function: the features that an experiment, or another row that a wildcard stands for, uses."""

    def files(wildcards):
        row = rows[getattr(wildcards, wildcard)]
        shards = feature_shards(row.dataset, part)
        return [
            f"{PREPARED}/{row.dataset}/features/{row.backbone}/{part}_{number}-of-{shards}.npz"
            for number in range(1, shards + 1)
        ]

    return files


def cross_validations():
    """The files of all rows that ask for cross-validation."""
    return (
        expand(
            unstored(rules.cross_validate.output.figures), experiment=CROSS_VALIDATED
        )
        if CROSS_VALIDATED
        else []
    )


def inspected(pattern):
    """The files of every data set that is looked at."""
    return expand(unstored(pattern), dataset=list(INSPECTED))


# rules/photographs.smk
def shard_number(wildcards):
    """Parameter function: the number, from 0, of a shard of photographs."""
    return int(wildcards.scatteritem.split("-of-")[0]) - 1


# rules/detection.smk
def found_in(part):
    """The files of everything that was looked for."""
    return [
        f"{DETECTED}/{sought}/{part}" if part else f"{RESULTS}/predictions/{sought}.csv"
        for sought in SOUGHT
    ]


def measured(part):
    """The files of every set of annotated images, and of every detector that is trained here."""
    names = [*MEASURED, *STUDY.detectors]
    return [f"{DETECTED}/evaluation/{name}/{part}" for name in names]


def annotated(key):
    """Parameter function: where the annotated images lie with which something is measured."""
    return lambda wildcards: getattr(
        STUDY.detection_datasets[tested_on(wildcards, "name")], key
    )


@cache
def state_of(dataset):
    """What makes a measuring or a training stale: a change of its images or annotations."""
    row = STUDY.detection_datasets[dataset]
    return [
        fingerprint(path).digest if Path(path).is_dir() else sha256_file(path)
        for path in (row.images, row.annotations)
        if Path(path).exists()
    ]


def annotated_state(wildcards):
    """The state of the annotated images that a wildcard stands for."""
    return state_of(wildcards.get("dataset") or wildcards.name)


# rules/detectors.smk
def tested_on(wildcards, wildcard="detector"):
    """Parameter function: the data set that a detector is measured with, or the one that a wildcard names itself."""
    name = getattr(wildcards, wildcard)
    row = STUDY.detectors.get(name)
    return (row.test or row.dataset) if row else name


def test_set(key):
    """Parameter function: what the config says of a detector's test set; nothing where it is of its own images."""
    return lambda wildcards: (
        getattr(STUDY.detection_datasets[STUDY.detectors[wildcards.detector].test], key)
        if STUDY.detectors[wildcards.detector].test
        else ""
    )


def test_state(wildcards):
    """What makes a detector's measuring stale, beside its training."""
    test = STUDY.detectors[wildcards.detector].test
    return state_of(test) if test else []


def kept_for_test(wildcards):
    """Parameter function: which share of a data set no detector is trained with."""
    kept = keeps_test(wildcards.dataset, STUDY.detectors)
    return STUDY.detection_datasets[wildcards.dataset].test_split if kept else 0


def detector_set(wildcards):
    """Input function: the images and boxes that a detector learns from."""
    return f"{PREPARED}/annotated/{STUDY.detectors[wildcards.detector].dataset}/annotated.json"


def detector_backbone(file):
    """Input function: a file of the frozen net of a detector."""
    return (
        lambda wildcards: f"{PREPARED}/pretrained/{STUDY.detectors[wildcards.detector].backbone}/{file}"
    )


@cache
def map_shards(dataset):
    """In how many jobs the feature maps of annotated images are computed; their folder is listed once a start."""
    images = fingerprint(STUDY.detection_datasets[dataset].images).images
    return max(1, -(-images // MAP_SHARD))


def map_files(kind):
    """Input function: the feature maps that a detector uses, in shards; or (.json) what they are of."""

    def files(wildcards):
        row = STUDY.detectors[wildcards.detector]
        shards = map_shards(row.dataset)
        return [
            f"{PREPARED}/annotated/{row.dataset}/maps/{row.backbone}_{row.mirrored}/{number}-of-{shards}{kind}"
            for number in range(1, shards + 1)
        ]

    return files


# rules/captions.smk
def captioned_state(wildcards):
    """What makes a set of captions stale: a change of its photographs or of its file."""
    row = STUDY.caption_datasets[wildcards.dataset]
    return [
        fingerprint(row.images).digest if Path(row.images).exists() else None,
        sha256_file(row.captions) if Path(row.captions).exists() else None,
    ]


def captioned(file):
    """Input function: a file of the captioned photographs that a captioner uses."""
    return (
        lambda wildcards: f"{PREPARED}/captions/{STUDY.captioners[wildcards.captioner].dataset}/{file}"
    )


def captioned_folder(wildcards):
    """Parameter function: where these photographs lie."""
    return STUDY.caption_datasets[STUDY.captioners[wildcards.captioner].dataset].images


def captioner_backbone(wildcards):
    """Input function: what is said of the frozen net of a captioner."""
    return f"{PREPARED}/pretrained/{STUDY.captioners[wildcards.captioner].backbone}/backbone.json"


def grid_files(kind):
    """Input function: the grids that a captioner uses, in shards; or (json) what they are of."""

    def files(wildcards):
        row = STUDY.captioners[wildcards.captioner]
        images = fingerprint(STUDY.caption_datasets[row.dataset].images).images
        shards = max(1, -(-images // GRID_SHARD))
        return [
            f"{PREPARED}/captions/{row.dataset}/grids/{row.backbone}_{row.mirrored}/{number}-of-{shards}.{kind}"
            for number in range(1, shards + 1)
        ]

    return files


def every_captioner(file):
    """The files of all captioners, in the order of the config's table."""
    return [f"{RESULTS}/captions/{name}/{file}" for name in STUDY.captioners]
