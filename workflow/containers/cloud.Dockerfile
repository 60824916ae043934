# For jobs of a cloud: the project's image with the storage plugins in it. `make cloud-image` fills the build's folder
# with this file and wheels/, each checked against envs/cloud.lock, so building needs no network.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
USER root
COPY wheels /opt/wheels
# Snakemake begins every cloud job with `pip install snakemake-storage-plugin-...`: it finds these wheels, nothing else.
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/opt/wheels PIP_NO_DEPS=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN /usr/local/bin/python -m pip --python /opt/venv/bin/python install --no-cache-dir --compile --quiet \
      --root-user-action=ignore /opt/wheels/*.whl
USER student
# A job unpacks the workflow where it starts.
ENV PYTHONPATH=workflow
# A cloud gives the whole command, beginning with its shell.
ENTRYPOINT []
