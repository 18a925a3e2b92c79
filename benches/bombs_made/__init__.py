"""The bombs of bombs.py: `BOMBS` has them all, by name."""

from .mail import BOMBS, MB
from . import containers

__all__ = ["BOMBS", "MB", "containers"]
