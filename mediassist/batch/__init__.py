"""Many studies, unattended and resumable; watch folder, PACS and clusters stand on this."""
