from . import controllers
from . import models
from .glue.loading import post_load
from .glue.removal import uninstall_hook

__all__ = ['controllers', 'models', 'post_load', 'uninstall_hook']
