# The image in which every step runs. Its name carries a digest of this file, of the locks in envs/ and of the
# entry point (assignment06.orchestration.container_image), so an image of that name always holds what these files say.
#
# Pin the base by digest where a registry can be reached; the line below then changes, and the name with it:
#   docker pull python:3.11-slim-bookworm
#   docker image inspect --format '{{index .RepoDigests 0}}' python:3.11-slim-bookworm
# and write the `python@sha256:...` that this prints after `BASE_IMAGE=`.
ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS build
# cpu, or gpu: tensorflow with NVIDIA's libraries from workflow/containers/gpu.lock.
ARG VARIANT=cpu
WORKDIR /build
RUN python -m venv --without-pip /opt/venv
COPY envs/workflow.lock envs/
COPY envs/detection.lock envs/
COPY envs/onnx.lock envs/
COPY envs/captions.lock envs/
COPY envs/openvino.lock envs/
COPY workflow/containers/gpu.lock workflow/containers/
# Every package by hash. `promise` comes as source only and is built with the lock's own setuptools.
RUN awk '/^[a-z0-9]/ { wanted = /^(setuptools|wheel)==/ } wanted' envs/workflow.lock > first.lock \
 && if [ "$VARIANT" = gpu ]; then \
      awk '/^[a-z0-9]/ { wanted = !/^tensorflow(-cpu)?==/ } wanted' envs/workflow.lock > all.lock; \
      gpu="-r workflow/containers/gpu.lock"; \
    else cp envs/workflow.lock all.lock; gpu=; fi \
 && pip="python -m pip --python /opt/venv/bin/python install --no-cache-dir --no-compile --no-deps \
      --require-hashes --no-build-isolation --disable-pip-version-check --root-user-action=ignore --quiet" \
 && $pip -r first.lock && $pip -r all.lock $gpu \
 && for extra in detection onnx captions openvino; do $pip -r envs/$extra.lock || exit 1; done
# Leave out what only building against or testing the packages needs, and libclang, which nothing imports.
# Then compile all bytecode, independent of file times: no rule ever compiles again.
RUN cd /opt/venv/lib/python3*/site-packages \
 && rm -rf tensorflow/include pyarrow/include clang \
 && find . -type d -name tests -not -path './tensorflow*' -prune -exec rm -rf {} + \
 && find . -name '*.a' -size +64k -delete \
 && { /opt/venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash . > /build/compile.log \
      || { grep -c '^\*\*\*' /build/compile.log && [ -d tensorflow/__pycache__ ]; }; }
# The name, from the very files that went in.
COPY Dockerfile Dockerfile
COPY workflow/containers/entrypoint.py workflow/containers/entrypoint.py
COPY workflow/assignment06/__init__.py workflow/assignment06/
COPY workflow/assignment06/shared/__init__.py workflow/assignment06/shared/errors.py workflow/assignment06/shared/
COPY workflow/assignment06/orchestration/__init__.py workflow/assignment06/orchestration/container_image.py \
     workflow/assignment06/orchestration/
RUN PYTHONPATH=workflow python -m assignment06.orchestration.container_image $([ "$VARIANT" != gpu ] || echo --gpu) > image-name

FROM ${BASE_IMAGE}
# What the Graphviz inside pygraphviz wants of the system; a slim image has none of it.
RUN apt-get update -qq \
 && apt-get install -qq -y --no-install-recommends libglib2.0-0 libx11-6 libxext6 libxrender1 > /dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
COPY --from=build /opt/venv /opt/venv
COPY --from=build /build/image-name /etc/assignment06-image
COPY --from=build /build/workflow/containers/entrypoint.py /opt/entrypoint.py
# Whoever runs it, with or without an account in the image, finds a home and caches that can be written.
RUN useradd --no-create-home --home-dir /tmp --uid 1000 student && mkdir -m 1777 /work
ENV PATH=/opt/venv/bin:$PATH \
    LANG=C.UTF-8 \
    HOME=/tmp USER=student \
    XDG_CACHE_HOME=/tmp/cache XDG_CONFIG_HOME=/tmp/config KERAS_HOME=/tmp/keras MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONNOUSERSITE=1 PYTHONUNBUFFERED=1 GIT_PYTHON_REFRESH=quiet \
    TF_CPP_MIN_LOG_LEVEL=2
ARG BASE_IMAGE
ARG VARIANT=cpu
ARG IMAGE_TAG=unnamed
ARG REVISION=unknown
LABEL org.opencontainers.image.title="DSC 650, Assignment 6: Computer Vision" \
      org.opencontainers.image.description="Python, TensorFlow, Keras and Snakemake from a hash-pinned lock (${VARIANT})" \
      org.opencontainers.image.version="${IMAGE_TAG}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE_IMAGE}"
USER student
WORKDIR /work
ENTRYPOINT ["python", "/opt/entrypoint.py"]
CMD ["--cores", "1"]
