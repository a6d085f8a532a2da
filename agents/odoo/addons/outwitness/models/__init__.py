from . import ir_http
from . import res_config_settings

__all__ = ['ir_http', 'res_config_settings']
