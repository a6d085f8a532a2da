"""What a record keeps of a call; docs/reference/redaction.md says the same in words, and the Node agent does the same."""

from .policy import Redaction

__all__ = ['Redaction']
