"""The reading window (PySide6); shows what the layers below decide."""
