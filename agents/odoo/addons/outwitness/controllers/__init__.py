from . import open_report

__all__ = ['open_report']
