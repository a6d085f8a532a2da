from . import vendor_insight
