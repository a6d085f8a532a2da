from . import models
from .glue.loading import post_load

__all__ = ['models', 'post_load']
