"""DSC 650, Assignment 6: Computer Vision. The library behind the workflow; it knows nothing of Snakemake."""
