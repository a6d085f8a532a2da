from . import ir_http
from . import outwitness_settings
from . import res_groups

__all__ = ['ir_http', 'outwitness_settings', 'res_groups']
