"""Many studies, unattended and resumable."""
