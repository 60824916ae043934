"""Look at a cloud's storage before the first file is asked for: the plugin answers with tracebacks."""

import os
from collections.abc import Mapping

from assignment06.shared.errors import AssignmentError

PLACEHOLDER = "my-bucket"  # in the profiles that come with the project


def check_storage(provider: str, prefix: str | None, environment: Mapping[str, str] = os.environ) -> None:
    """Check that a bucket is named, and for the `provider` s3 that credentials are at hand.

    Nothing is asked of the cloud. Raises AssignmentError.
    """
    if not prefix or PLACEHOLDER in prefix:
        raise AssignmentError(
            f"The storage for the cloud's files is {prefix or 'not named'}: write your own bucket as "
            "`default-storage-prefix:` into the profile under workflow/profiles."
        )
    if provider == "s3" and not environment.get("SNAKEMAKE_STORAGE_S3_ACCESS_KEY"):
        from botocore.session import Session  # ty: ignore[import-not-found]  (only where a cloud's lock is installed)

        if Session().get_credentials() is None:
            raise AssignmentError(
                f"There are no credentials for {prefix}: log in with `aws configure`, or set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY (or SNAKEMAKE_STORAGE_S3_ACCESS_KEY and SNAKEMAKE_STORAGE_S3_SECRET_KEY)."
            )
